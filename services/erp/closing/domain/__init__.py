"""Domain of closing: the checks of a period."""
