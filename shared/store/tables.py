"""The tables of an event store; the two dialects differ in column types."""

TABLES = """
CREATE TABLE IF NOT EXISTS store_identity (epoch TEXT NOT NULL, service TEXT NOT NULL, generation INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    position {integer} PRIMARY KEY, aggregate {id} NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
    recorded_at {integer} NOT NULL, state {bytes} NOT NULL, published_digest {bytes} NOT NULL,
    mac {bytes} NOT NULL, UNIQUE (aggregate, version)){log};
CREATE TABLE IF NOT EXISTS suspended_aggregates (aggregate {id} PRIMARY KEY, reason TEXT NOT NULL){keyed};
CREATE TABLE IF NOT EXISTS correlations (
    correlation_id {id}, first_position {integer}, last_position {integer} NOT NULL,
    PRIMARY KEY (correlation_id, first_position)){keyed};
CREATE TABLE IF NOT EXISTS outbox (
    position {integer} PRIMARY KEY, previous_position {integer} NOT NULL, type TEXT NOT NULL,
    aggregate_type TEXT NOT NULL, aggregate {id} NOT NULL, version INTEGER NOT NULL, recorded_at {integer} NOT NULL,
    meta {bytes} NOT NULL, traceparent TEXT, digest TEXT NOT NULL, data {bytes} NOT NULL);
CREATE TABLE IF NOT EXISTS stored_responses (
    caller TEXT, key TEXT, request_digest TEXT NOT NULL, status INTEGER NOT NULL, headers {bytes} NOT NULL,
    body {bytes} NOT NULL, mac {bytes} NOT NULL, PRIMARY KEY (caller, key)){keyed};
CREATE TABLE IF NOT EXISTS unique_values (
    kind TEXT, folded TEXT, value TEXT NOT NULL, aggregate_id {id} NOT NULL, mac {bytes} NOT NULL,
    PRIMARY KEY (kind, folded)){keyed};
CREATE TABLE IF NOT EXISTS number_series (series TEXT PRIMARY KEY, last_number {integer} NOT NULL){keyed};
CREATE TABLE IF NOT EXISTS inbox_positions (
    source TEXT PRIMARY KEY, epoch TEXT NOT NULL, position {integer} NOT NULL,
    stream_sequence {integer} NOT NULL, mac {bytes} NOT NULL){keyed};
CREATE TABLE IF NOT EXISTS parked_messages (
    source {text}, epoch {text}, sequence {integer}, message {bytes} NOT NULL, error TEXT NOT NULL,
    fingerprint TEXT NOT NULL, attempts INTEGER NOT NULL, parked_at {integer} NOT NULL, mac {bytes} NOT NULL,
    PRIMARY KEY (source, epoch, sequence)){keyed};
CREATE TABLE IF NOT EXISTS timers (
    id {counter} PRIMARY KEY, due_at {integer} NOT NULL, kind TEXT NOT NULL, aggregate {id} NOT NULL,
    note TEXT NOT NULL, mac {bytes} NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at);
"""
IDENTITY = "INSERT INTO store_identity SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM store_identity)"
SQLITE = {"integer": "INTEGER", "id": "BLOB", "bytes": "BLOB", "text": "TEXT", "counter": "INTEGER"}
SQLITE |= {"keyed": " WITHOUT ROWID", "log": ""}
POSTGRES = {"integer": "BIGINT", "id": "UUID", "bytes": "BYTEA", "text": 'TEXT COLLATE "C"', "keyed": ""}
POSTGRES |= {"counter": "BIGINT GENERATED ALWAYS AS IDENTITY", "log": " WITH (autovacuum_enabled = off)"}
