"""HTTP API of the settlement module."""
