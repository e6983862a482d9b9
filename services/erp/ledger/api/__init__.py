"""HTTP API of the ledger module."""
