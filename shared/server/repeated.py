"""The mark of a request that an app has begun before, when its body had not arrived."""

REPEATED = "sihe.is_repeated"
"""Name of the mark in the environment of the app."""
