"""Time layers against each other."""
