"""The form of an answer: JSON, or for rows also a sheet, by the parameter `format` or else the header `Accept`."""

from collections.abc import Mapping, Sequence

from flask import request

from shared.sheets.writing import MEDIA_TYPES
from shared.web.problems import ProblemError
from shared.web.replies import JSON

_FORMS: Mapping[str, str | None] = {JSON: None, **{media_type: form for form, media_type in MEDIA_TYPES.items()}}


def asked_form(given: str | None) -> str | None:
    """Return the form of sheet in which rows are asked for, none for JSON. Raises ProblemError 406.

    The parameter `format` decides; without it the header does, as `accepted_type`.
    """
    return given or _FORMS[accepted_type(tuple(_FORMS))]


def form_of_json() -> str | None:
    """Return the form of an address that answers only JSON, as `asked_form`. Raises ProblemError 406."""
    return _FORMS[accepted_type((JSON,))]


def accepted_type(offered: Sequence[str]) -> str:
    """Return the media type that the caller prefers; the first one of those equally preferred, or without a header.

    Raises ProblemError 406 if the caller accepts none of them.
    """
    if request.environ.get("HTTP_ACCEPT", "").strip() in ("", "*/*", JSON):
        return offered[0]
    qualities = _stated_qualities()
    best = max(offered, key=lambda each: _quality(each, qualities))
    if _quality(best, qualities) > 0:
        return best
    detail = f"This address answers {', '.join(offered)}: accept one of them, or omit the header Accept."
    raise ProblemError(406, "not_acceptable", detail)


def _stated_qualities() -> dict[str, float]:
    """Return the media types and ranges of the header, without their parameters, each with its largest quality."""
    qualities: dict[str, float] = {}
    for stated, quality in request.accept_mimetypes:
        media_type = stated.partition(";")[0].strip().lower()
        qualities[media_type] = max(quality, qualities.get(media_type, 0))
    return qualities


def _quality(media_type: str, qualities: Mapping[str, float]) -> float:
    """Return the quality that the most specific of the stated ranges gives to a media type."""
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((qualities[each] for each in ranges if each in qualities), 0)
