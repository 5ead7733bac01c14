"""Estimates of benefits and costs: pure functions of a case, the dated parameters and a day."""
