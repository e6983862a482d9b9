"""mypy plugin: declares the class `Placed` of `@event("Placed")`, with the method's parameters as its fields."""

from collections.abc import Callable, Iterator

from mypy.nodes import MDEF, ClassDef, Decorator, FuncDef, NameExpr, StrExpr, SymbolTableNode, TypeInfo
from mypy.plugin import ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, Instance, Type, TypeOfAny

AGGREGATE = "shared.domain.aggregate.Aggregate"
MASTER_RECORD = "shared.domain.master_record.MasterRecord"
MASTER_EVENTS = {"Registered": "Created", "Revised": "Event", "Deactivated": "Event", "Reactivated": "Event"}
"""The events that every class of master data has, with their base classes."""


class EventsPlugin(Plugin):
    """Plugin of mypy that declares the event classes of each subclass of Aggregate, and of MasterRecord."""

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        if fullname == MASTER_RECORD:
            return _declare_master_events
        base = self.lookup_fully_qualified(fullname)
        is_aggregate = base is not None and isinstance(base.node, TypeInfo) and base.node.has_base(AGGREGATE)
        return _declare_events if is_aggregate else None


def plugin(version: str) -> type[Plugin]:
    """Return the plugin that mypy loads: it declares the event classes that the decorator `event` makes."""
    del version
    return EventsPlugin


def _declare_events(context: ClassDefContext) -> None:
    """Declare to mypy the event classes that the methods of an aggregate class make."""
    for name, method in _event_methods(context.cls):
        fields = _event_fields(context, method)
        if fields is None:
            context.api.defer()
            return
        _declare_event(context, name, "Created" if method.name == "__init__" else "Event", fields)


def _declare_master_events(context: ClassDefContext) -> None:
    """Declare to mypy the events of a class of master data: its own, and those that carry its entry."""
    _declare_events(context)
    (record,) = (each for each in context.cls.info.bases if each.type.fullname == MASTER_RECORD)
    for name, base in MASTER_EVENTS.items():
        if name not in context.cls.info.names:
            _declare_event(context, name, base, {"entry": record.args[0]})


def _event_methods(cls: ClassDef) -> Iterator[tuple[str, FuncDef]]:
    for member in cls.defs.body:
        if isinstance(member, Decorator):
            for name in filter(None, map(_event_name, member.original_decorators)):
                yield name, member.func


def _event_name(decorator: object) -> str | None:
    called = getattr(decorator, "callee", None)
    arguments = getattr(decorator, "args", ())
    if isinstance(called, NameExpr) and called.name == "event" and arguments and isinstance(arguments[0], StrExpr):
        return arguments[0].value
    return None


def _event_fields(context: ClassDefContext, method: FuncDef) -> dict[str, Type] | None:
    """Return the parameters without `self` and `id`, or None while a type is still unknown."""
    fields: dict[str, Type] = {}
    for argument in method.arguments[1:]:
        annotation = argument.type_annotation
        kind = context.api.anal_type(annotation) if annotation else AnyType(TypeOfAny.unannotated)
        if kind is None:
            return None
        if argument.variable.name != "id":
            fields[argument.variable.name] = kind
    return fields


def _declare_event(context: ClassDefContext, name: str, base: str, fields: dict[str, Type]) -> None:
    aggregate = context.api.lookup_fully_qualified(AGGREGATE).node
    assert isinstance(aggregate, TypeInfo)
    event = aggregate.names[base].node
    assert isinstance(event, TypeInfo)
    info = context.api.basic_new_typeinfo(name, Instance(event, []), context.cls.line)
    info._fullname = f"{context.cls.fullname}.{name}"
    info.defn.fullname = info.fullname
    for field, kind in fields.items():
        add_attribute_to_class(context.api, info.defn, field, kind)
    add_attribute_to_class(context.api, info.defn, "position", context.api.named_type("builtins.int"))
    context.cls.info.names[name] = SymbolTableNode(MDEF, info, plugin_generated=True)
