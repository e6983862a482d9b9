"""Rules of the valuation module."""
