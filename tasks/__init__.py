"""Tasks: data, text features, heads, losses, metrics and baselines, by name."""
