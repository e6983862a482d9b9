"""How services hear each other: a copy of what they published, in order, on NATS JetStream.

The event store is the only truth. What the stream loses, repeats or invents costs time, never data.
"""
