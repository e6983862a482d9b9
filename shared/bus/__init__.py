"""Messaging between services: NATS JetStream carries an ordered copy of the published events.

The event store is the only source of truth. Lost, repeated or forged messages cost time, never data.
"""
