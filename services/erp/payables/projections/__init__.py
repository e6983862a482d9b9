"""Projections of the payables module."""
