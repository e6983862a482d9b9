"""Responses of commands and queries: the current resource, personal fields decrypted at the last moment."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, current_app

from shared.codec import decode_untyped, encode
from shared.command_runner import StoredResponse
from shared.commands import Commands
from shared.projections import ResourceProjection
from shared.service import Service
from shared.web.problems import PUBLIC_PREFIX, current_request
from shared.web.raw_response import RawResponse

C = TypeVar("C", bound=Commands)

Reply = StoredResponse
"""Result of a view. Personal fields in its body are encrypted, so that it may be stored."""

JSON = "application/json"

ROLES_WITHOUT_PERSONAL_DATA = frozenset({"auditor"})
"""Callers with no role outside this set do not see personal data."""

SHOWS_PERSONS = "shows_persons"
"""Attribute of views whose rows have personal data, or name the person or firm that they are about."""
PERSONAL_DATA_HEADER = "Sihe-Personal-Data"
"""Header of answers of a service that show persons. The gateway records the answer, and does not forward the header."""

_ENCRYPTED_MARK = '"cipher"'
_ENCRYPTED_MEMBERS = {"subject", "cipher"}

collection_paths: dict[type[ResourceProjection], str] = {}
"""The path of each collection, without the public prefix."""


def set_missing_headers(response: Response, headers: Iterable[tuple[str, str]]) -> None:
    """Set the headers that the response does not have; `setdefault` would read all that it has for each of them."""
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend([each for each in headers if each[0].lower() not in present])


def current_service() -> Service:
    """Return the service of the current app."""
    service: Service = current_app.extensions["service"]
    return service


def commands_getter(commands_class: type[C]) -> Callable[[], C]:
    """Return a function that returns commands in the current app: `customers = commands_getter(Customers)`."""

    def commands() -> C:
        return current_service().commands_of(commands_class)

    return commands


def public_path(path: str) -> str:
    """Return the path with the public prefix."""
    prefix: str = current_app.config[PUBLIC_PREFIX]
    return prefix + path


def created_reply(collection: type[ResourceProjection], aggregate: Any) -> Reply:
    """Return the reply 201 with the new resource and its address."""
    headers = {
        "Location": public_path(f"{collection_paths[collection]}/{collection.address_of(aggregate)}"),
        "ETag": f'"{aggregate.version}"',
    }
    return Reply(201, headers, _resource(collection, aggregate))


def resource_reply(collection: type[ResourceProjection], aggregate: Any) -> Reply:
    """Return the reply 200 with the current resource."""
    return Reply(200, {"ETag": f'"{aggregate.version}"'}, _resource(collection, aggregate))


def json_reply(content: Any, status: int = 200) -> Reply:
    """Return a reply with any content as JSON, 200 by default."""
    return Reply(status, {}, encode(content))


def _resource(collection: type[ResourceProjection], aggregate: Any) -> bytes:
    """Return the row of the resource; a command omits its times, which are known when the change is stored."""
    row = {"id": aggregate.id, **collection.stored_row(aggregate)}
    if aggregate.pending_events:
        del row["created_at"], row["updated_at"]
    return encode(row)


def to_response(reply: Reply) -> Response:
    """Return the HTTP response of a reply. Personal fields are decrypted; a body without any is not parsed."""
    body = encode(decrypt_values(decode_untyped(reply.body))) if has_encrypted(reply.body) else reply.body
    return RawResponse(body, reply.status, {"Content-Type": JSON, **reply.headers})


def has_encrypted(document: bytes | str) -> bool:
    """Return whether a JSON document may have encrypted fields."""
    return _ENCRYPTED_MARK in document if isinstance(document, str) else _ENCRYPTED_MARK.encode() in document


def decrypt_values(value: Any) -> Any:
    """Return the value with encrypted fields decrypted; null for an erased person or an auditor without other roles."""
    state = current_request()[1]
    if ROLES_WITHOUT_PERSONAL_DATA.issuperset(state.caller.roles):
        return _decrypt(value, lambda _subject, _cipher: None)
    state.shows_personal_data = True
    return _decrypt(value, current_service().key_store.decrypter())


def mark_personal_data(response: Response) -> Response:
    """Mark an answer that shows persons for the access log of the gateway.

    It has decrypted fields, or it is of a view whose rows are about persons or firms, whichever they are.
    """
    request, state = current_request()
    view = request.endpoint and current_app.view_functions.get(request.endpoint)
    if response.status_code < HTTPStatus.BAD_REQUEST and (
        "shows_personal_data" in state or hasattr(view, SHOWS_PERSONS)
    ):
        response.headers[PERSONAL_DATA_HEADER] = "shown"
    return response


def _decrypt(value: Any, decrypt: Callable[[UUID, str], str | None]) -> Any:
    if isinstance(value, dict):
        if value.keys() == _ENCRYPTED_MEMBERS:
            return decrypt(UUID(value["subject"]), value["cipher"])
        return {name: _decrypt(each, decrypt) for name, each in value.items()}
    if isinstance(value, list):
        return [_decrypt(each, decrypt) for each in value]
    return value
