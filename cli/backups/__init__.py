"""Backups of a home folder on SQLite: taken while the suite runs, verified, and restored as a whole."""


class BackupFailed(Exception):
    """Raised when a backup cannot be taken or restored; the message is a sentence with what to do."""
