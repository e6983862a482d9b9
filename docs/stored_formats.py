"""The formats of messages, lines, tables and files: names that belong to no single service."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import msgspec

from docs.stored_words import Source, dict_keys, file_names, tables
from gateway.access_log import AccessLogEntry, AccessLogRecord
from shared.bus import broker_config, envelope, publisher, stream_reader, streams
from shared.chain.checkpoint import Checkpoint
from shared.domain import EventMetadata
from shared.identity import Identity
from shared.message import Message

WRITTEN_BY = {
    "shared/web/audit.py": ("_audit_lines", "_stored_line"),
    "shared/worker/status.py": ("snapshot", "_position_of"),
    "gateway/lag.py": ("lag", "_service_lag", "_backlog"),
}
"""Functions that write lines and pages key by key."""


def sections(sources: list[Source]) -> Iterator[str]:
    """Yield the lines of the sections on messages, tables and files."""
    yield "\n## Messages and lines"
    yield from (*_lines_of(sources), *_broker())
    yield "\n## Tables"
    yield from _tables(sources)
    yield "\n## Files"
    yield from _files(sources)


def _lines_of(sources: list[Source]) -> Iterator[str]:
    headers = [each.encode_name for each in msgspec.structs.fields(envelope.EventHeaders)]
    yield "\n| what | names |\n|---|---|"
    yield _row("message headers", headers)
    yield _row("`meta` of a stored event", EventMetadata.__struct_fields__)
    for kind in (Checkpoint, AccessLogEntry, AccessLogRecord):
        yield _row(f"`{kind.__name__}`", [each.name for each in fields(kind)])
    yield _row("claims of a token", [each.encode_name for each in msgspec.structs.fields(Identity)])
    yield _row("line of `GET /events`", Message.__struct_fields__)
    for file, functions in WRITTEN_BY.items():
        source = next(each for each in sources if each.file == file)
        yield from (_row(f"`{name}` of `{file}`", keys) for name, keys in dict_keys(source, *functions))


def _broker() -> Iterator[str]:
    functions = (
        streams.stream_name,
        streams.event_subjects,
        streams.stored_subjects,
        streams.newest_position_subject,
        broker_config.reply_subject_prefix,
    )
    sent, read = (publisher.MESSAGE_ID, publisher.EXPECTED_LAST), (stream_reader.SUBJECT, stream_reader.SEQUENCE)
    yield _row("broker headers", [*sent, *read, stream_reader.LEFT_IN_STREAM])
    for function in functions:
        yield _row(f"broker (`{function.__name__}`)", [function("<service>")])
    yield _row("broker (`peer_api`)", [streams.peer_jetstream_request_subject("<service>", "<verb>")])


def _tables(sources: list[Source]) -> Iterator[str]:
    yield "\n| table | columns | file |\n|---|---|---|"
    for source in sources:
        for name, columns in tables(source):
            yield f"| `{name}` | {', '.join(f'`{each}`' for each in columns)} | `{source.file}` |"


def _files(sources: list[Source]) -> Iterator[str]:
    yield "\n| name | file |\n|---|---|"
    for source in sources:
        for name in sorted(set(file_names(source))):
            yield f"| `{name}` | `{source.file}` |"


def _row(what: str, names: Any) -> str:
    return f"| {what} | {', '.join(f'`{each}`' for each in names)} |"
