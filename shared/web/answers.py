"""What commands and questions answer: the resource as it now stands, personal fields opened at the last moment."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, current_app

from shared.codec import decode_plain, encode
from shared.report import Collection
from shared.service import Outcome, Service
from shared.web.problems import PUBLIC_PREFIX, Answer, now_answered

Reply = Outcome
"""What a view returns. Its body holds personal fields sealed, and may be stored."""

JSON = "application/json"

SEE_NO_PERSONS = frozenset({"auditor"})
"""Who has no other role checks the books, and needs nobody's address for that."""

_SEALED = b'"cipher"'
_SEALED_MEMBERS = {"subject", "cipher"}

paths: dict[type[Collection], str] = {}
"""Where each collection is served, without the public prefix."""


def public(path: str) -> str:
    """The path as the outside knows it."""
    prefix: str = current_app.config[PUBLIC_PREFIX]
    return prefix + path


def created(collection: type[Collection], aggregate: Any) -> Reply:
    """201 with the new resource and where it is."""
    headers = {"Location": public(f"{paths[collection]}/{aggregate.id}"), "ETag": f'"{aggregate.version}"'}
    return Reply(201, headers, _resource(collection, aggregate))


def shown(collection: type[Collection], aggregate: Any) -> Reply:
    """200 with the resource as it now stands."""
    return Reply(200, {"ETag": f'"{aggregate.version}"'}, _resource(collection, aggregate))


def answer(content: Any, status: int = 200) -> Reply:
    """200 with anything else."""
    return Reply(status, {}, encode(content))


def _resource(collection: type[Collection], aggregate: Any) -> bytes:
    """The resource's row; its times are known once the change is stored, so a command leaves them out."""
    row = {"id": aggregate.id, **collection.row_of(aggregate)}
    if aggregate.pending_events:
        del row["created_at"], row["updated_at"]
    return encode(row)


def response(reply: Reply, service: Service) -> Response:
    """The reply on its way out, personal fields readable."""
    headers = {"Content-Type": JSON, **reply.headers}
    return Answer(opened(reply.body, service), reply.status, headers)


def opened(body: bytes, service: Service) -> bytes:
    """The body with sealed fields as texts. Costs nothing where none is sealed."""
    return encode(readable(decode_plain(body), service)) if _SEALED in body else body


def readable(thing: Any, service: Service) -> Any:
    """The same with sealed fields as texts: null where the person was erased, or for who only checks the books."""
    hidden = SEE_NO_PERSONS.issuperset(now_answered()[1].caller.roles)
    return _opened(thing, _hidden if hidden else service.open)


def _hidden(subject: UUID, cipher: str) -> None:
    """Nothing of the person."""
    del subject, cipher


def _opened(thing: Any, open_: Callable[[UUID, str], str | None]) -> Any:
    if isinstance(thing, dict):
        if thing.keys() == _SEALED_MEMBERS:
            return open_(UUID(thing["subject"]), thing["cipher"])
        return {name: _opened(each, open_) for name, each in thing.items()}
    if isinstance(thing, list):
        return [_opened(each, open_) for each in thing]
    return thing
