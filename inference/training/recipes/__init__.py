"""The recipes of the built-in models: one file a family, one line each in the table."""
