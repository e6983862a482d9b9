"""Rules of the ledger module."""
