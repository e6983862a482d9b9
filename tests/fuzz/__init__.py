"""Fuzzing: valid and invalid requests of the API description, sent to a running suite with keys of every role."""
