"""A plugin of the zoo whose one module cannot be imported."""
