"""A small firm of the project's own, and the story of one of its orders."""
