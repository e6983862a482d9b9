"""Rules of the settlement module."""
