"""Export of SavedModels and prediction with them."""
