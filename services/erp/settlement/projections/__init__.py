"""Projections of the settlement module."""
