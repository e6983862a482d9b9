"""Access keys of people and programs, event-sourced in the gateway's own event store."""
