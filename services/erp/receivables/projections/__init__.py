"""Projections of the receivables module."""
