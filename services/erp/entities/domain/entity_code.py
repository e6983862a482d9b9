"""Keys and number series of legal entities: those of `main` do not contain its code."""

from shared.domain import MAIN_ENTITY, entity_parts


def entity_key(name: object, entity: str) -> str:
    """Return the key or name that stands for `name` within an entity: `2026-03`, and `2026-03/second`."""
    return "/".join((str(name), *entity_parts(entity)))


def series_of(name: str, entity: str = MAIN_ENTITY) -> str:
    """Return the name of an entity's number series."""
    return entity_key(name, entity)
