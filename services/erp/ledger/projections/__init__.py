"""Projections of the ledger module."""
