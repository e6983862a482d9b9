"""Envelope: messages are decoded as they were encoded; invalid ones are refused."""

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from msgspec.structs import replace

from shared.bus import envelope
from shared.message import Message

DATA = b'{"customer_id":"6f1f3a52-9b8e-4f53-8f0c-2a5d3f4c1b2a","payment_terms_days":30}'
MESSAGE = Message(
    source="crm",
    epoch="00c0ffee00c0ffee",
    sequence=12,
    previous=9,
    type="crm.customer.terms_changed.v1",
    aggregate_type="crm.Customer",
    aggregate=UUID("6f1f3a52-9b8e-4f53-8f0c-2a5d3f4c1b2a"),
    version=4,
    actor="person:anna",
    correlation_id=UUID("0b9f5f0e-57c5-4c8b-8a46-0f0d8f8f9b11"),
    causation_id="command:abc",
    recorded_at=datetime(2026, 11, 23, 6, 30, 1, 250, tzinfo=UTC),
    effective_on=date(1996, 7, 4),
    data=DATA,
    digest=sha256(DATA).hexdigest(),
)
SUBJECT = "evt.crm.customer.terms_changed.40"


def wire(message: Message = MESSAGE, **changes: str | None) -> dict[str, str]:
    """Return the headers with changes: `ce_type=…` replaces a value, None removes the header."""
    headers = envelope.parse_header_lines(envelope.encode_headers(message).encode())
    changed = headers | {name.replace("_", "-"): text for name, text in changes.items()}
    return {name: text for name, text in changed.items() if text is not None}


def test_the_headers_are_those_of_cloudevents() -> None:
    assert envelope.parse_header_lines(envelope.encode_headers(MESSAGE).encode()) == {
        "ce-specversion": "1.0",
        "ce-id": "00c0ffee00c0ffee-12",
        "ce-source": "/crm",
        "ce-type": "crm.customer.terms_changed.v1",
        "ce-subject": "6f1f3a52-9b8e-4f53-8f0c-2a5d3f4c1b2a",
        "ce-time": "2026-11-23T06:30:01.000250+00:00",
        "ce-sequence": "12",
        "ce-prevsequence": "9",
        "ce-epoch": "00c0ffee00c0ffee",
        "ce-aggregatetype": "crm.Customer",
        "ce-aggregateversion": "4",
        "ce-effectiveon": "1996-07-04",
        "ce-correlationid": "0b9f5f0e-57c5-4c8b-8a46-0f0d8f8f9b11",
        "ce-causationid": "command:abc",
        "ce-actor": "person:anna",
        "ce-digest": sha256(DATA).hexdigest(),
        "content-type": "application/json",
    }
    assert MESSAGE.subject == SUBJECT


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        replace(MESSAGE, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        replace(MESSAGE, actor='person:Zoë 王 100% "sure"'),
        replace(MESSAGE, actor="x\r\nNats-Expected-Last-Sequence: 0\r\n\r\n"),
        replace(MESSAGE, on_behalf_of="person:Zoë\r\nX: 1"),
        replace(MESSAGE, causation_id="command:\x00\x7f"),
        replace(MESSAGE, sequence=1, previous=0),
        replace(MESSAGE, sequence=2**63 - 1),
    ],
    ids=["plain", "traced", "any script", "line breaks", "on behalf", "control characters", "the first", "the highest"],
)
def test_a_message_is_decoded_as_it_was_encoded(message: Message) -> None:
    assert envelope.decode_message(SUBJECT, wire(message), DATA) == message


def test_a_time_of_another_zone_is_decoded_as_the_same_instant() -> None:
    shanghai = timezone(timedelta(hours=8))
    message = replace(MESSAGE, recorded_at=MESSAGE.recorded_at.astimezone(shanghai))
    assert envelope.decode_message(SUBJECT, wire(message), DATA).recorded_at == MESSAGE.recorded_at


@pytest.mark.parametrize(
    "wrong",
    [
        {"ce_sequence": None},
        {"ce_sequence": "012"},
        {"ce_sequence": "-12"},
        {"ce_sequence": "1٢"},
        {"ce_sequence": str(2**64)},
        {"ce_sequence": "9"},
        {"ce_prevsequence": "12"},
        {"ce_prevsequence": "-1"},
        {"ce_epoch": "another"},
        {"ce_epoch": "ffffffffffffffff"},
        {"ce_id": None},
        {"ce_id": "00c0ffee00c0ffee-13"},
        {"ce_source": "/srm"},
        {"ce_type": "nonsense"},
        {"ce_type": "crm.customer.terms_changed"},
        {"ce_type": "srm.customer.terms_changed.v1"},
        {"ce_type": "crm.customer.registered.v1"},
        {"ce_subject": "not an id"},
        {"ce_subject": "00000000-0000-0000-0000-000000000000"},
        {"ce_correlationid": ""},
        {"ce_time": "yesterday"},
        {"ce_time": "2026-11-23T06:30:01"},
        {"ce_effectiveon": "2026-02-30"},
        {"ce_aggregateversion": "many"},
        {"ce_specversion": "0.3"},
        {"ce_specversion": None},
    ],
    ids=str,
)
def test_invalid_headers_are_refused(wrong: dict[str, str | None]) -> None:
    with pytest.raises(envelope.InvalidEnvelope):
        envelope.decode_message(SUBJECT, wire(**wrong), DATA)


def test_a_message_without_headers_is_refused() -> None:
    with pytest.raises(envelope.InvalidEnvelope):
        envelope.decode_message(SUBJECT, None, DATA)


def test_a_message_received_on_another_subject_is_refused() -> None:
    with pytest.raises(envelope.InvalidEnvelope, match="was received on"):
        envelope.decode_message("evt.crm.customer.terms_changed.41", wire(), DATA)


def test_data_that_does_not_match_its_digest_is_refused_with_this_reason() -> None:
    with pytest.raises(envelope.InvalidEnvelope, match="does not match its digest"):
        envelope.decode_message(SUBJECT, wire(), DATA.replace(b"30", b"90"))


def test_lines_that_are_no_headers_are_left_out() -> None:
    assert envelope.parse_header_lines(b"NATS/1.0\r\nfirst: 1\r\nnonsense\r\n\xff: \xff\r\nsecond:2 : 3\r\n\r\n") == {
        "first": "1",
        "\ufffd": "\ufffd",
        "second": "2 : 3",
    }
