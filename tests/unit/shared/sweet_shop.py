"""A small service with one kind of aggregate: jars of sweets."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from shared import codec
from shared.commands import Commands
from shared.domain import Aggregate, DomainError, event
from shared.module import Module
from shared.service import Service


class TooMuch(DomainError):
    """The jar is full."""


class Jar(Aggregate):
    @event("Bought")
    def __init__(self, label: str) -> None:
        self.sweets = 0
        self.status = "open"

    def fill(self, sweets: int) -> None:
        if self.sweets + sweets > 10:
            raise TooMuch("ten sweets at most")
        self._filled(sweets=sweets)

    @event("Filled")
    def _filled(self, sweets: int) -> None:
        self.sweets += sweets

    def on_timer(self, note: str) -> None:
        self._shaken(note=note)

    @event("Shaken")
    def _shaken(self, note: str) -> None:
        self.status = note


class Jars(Commands):
    def buy(self, label: str) -> Jar:
        jar = Jar(label)
        self.uow.reserve_unique("label", label, jar.id)
        return self.uow.save(jar)

    def relabel(self, jar_id: UUID, label: str) -> None:
        jar = self.uow.get(Jar, jar_id)
        jar.on_timer(label)
        self.uow.reserve_unique("label", label, jar_id)
        self.uow.save(jar)

    def owner_of_label(self, label: str) -> UUID | None:
        return self.uow.get_unique_owner("label", label)

    def fill(self, jar_id: UUID, sweets: int) -> Jar:
        jar = self.uow.get(Jar, jar_id)
        jar.fill(sweets)
        return self.uow.save(jar)

    def fill_without_saving(self, jar_id: UUID) -> None:
        self.uow.get(Jar, jar_id).fill(1)

    def fill_if_unchanged(self, jar_id: UUID, other_id: UUID, meanwhile: Callable[[], None]) -> Jar:
        jar, other = self.uow.get(Jar, jar_id), self.uow.get(Jar, other_id)
        meanwhile()
        self.uow.require_unchanged(other)
        jar.fill(1)
        return self.uow.save(jar)

    def buy_numbered(self, label: str, refuse: bool) -> int:
        number = self.uow.next_number("jars")
        self.uow.save(Jar(f"{label} {number}"))
        if refuse:
            raise TooMuch("no")
        return number

    def schedule_timer(self, jar_id: UUID, at: datetime) -> None:
        self.uow.schedule(at, Jar, jar_id, "shaken")

    def jar(self, jar_id: UUID) -> Jar:
        return self.uow.get(Jar, jar_id)


class Shop(Service):
    NAME = "shop"
    modules = (Module("jars", commands=Jars),)


def types(shop: Shop) -> list[str]:
    return [each.type.rpartition(".")[2] for each in shop.store.log(0, 1000)]


def metas(shop: Shop) -> list[dict[str, str]]:
    return [codec.decode_untyped(each.state)["meta"] for each in shop.store.log(0, 1000)]
