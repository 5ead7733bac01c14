"""Loopback servers that speak the protocols of the platforms, as these document them."""
