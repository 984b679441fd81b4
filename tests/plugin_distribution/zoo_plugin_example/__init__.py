"""Example plugin of the zoo: a cell, a head and a task, one module each."""
