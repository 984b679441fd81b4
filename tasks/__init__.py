"""Tasks: data, features, arrangements, heads, losses, metrics and baselines."""
