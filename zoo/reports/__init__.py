"""Reports of runs and searches: plots, a model card, an HTML page, curves for a terminal."""
