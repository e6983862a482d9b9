"""Rules of the goods module."""
