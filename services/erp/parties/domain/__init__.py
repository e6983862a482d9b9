"""Rules of parties."""
