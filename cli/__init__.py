"""The `sihe` command: starts a suite on this machine, fills it, audits it, through the public API."""
