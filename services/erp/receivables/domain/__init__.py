"""Rules of the receivables module."""
