"""The `sihe` command: starts a suite on this machine, imports data and audits it through the public API."""
