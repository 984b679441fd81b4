"""Export SavedModels and predict with them."""
