"""A plugin of the zoo whose only module cannot be imported."""
