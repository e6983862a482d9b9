"""Rules of the entities module."""
