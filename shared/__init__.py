"""Plumbing the four services and the gateway stand on. It knows no business word."""
