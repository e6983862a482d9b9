"""Rules of the payables module."""
