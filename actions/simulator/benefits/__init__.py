"""The rules, one file each. A rule reads figures from the parameters and the clock from nobody."""
