"""`sihe show`: the reports and lists of the running suite as tables, or as CSV."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import click

from cli.client import Client
from cli.connect import prompt_client, with_place
from cli.reports import Report, read_reports
from cli.text_table import Column, table_lines

OTHER_CURRENCIES = "other_currencies"
PAGING = frozenset({"has_more", "next_cursor"})

Row = Mapping[str, Any]


@click.command("show")
@click.argument("report", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, with all columns, as the API gives it.")
@click.option("--as-of", metavar="DATE", help="Show the state at the end of this day.")
@click.option("--known-at", metavar="TIME", help="Show what was recorded at this time.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="Parameter of the API; may be repeated.")
@with_place
def command(
    report: str | None,
    as_csv: bool,
    as_of: str | None,
    known_at: str | None,
    filters: Sequence[str],
    url: str | None,
    key: str | None,
) -> None:
    """Show REPORT, such as trial-balance, aging or stock, as a table. Without REPORT: list all names.

    The names, titles and columns are those of the API description of the running suite.
    """
    given = {"as_of": as_of, "known_at": known_at}
    query = {name: value for name, value in given.items() if value} | dict(map(parse_filter, filters))
    with prompt_client(url, key) as client:
        reports = read_reports(client.get("/openapi.json"))
        click.echo(_shown(client, _chosen(reports, report), query, as_csv) if report else _names(reports), nl=False)


def parse_filter(text: str) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`. Raises BadParameter."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text} must be NAME=VALUE, such as status=posted", param_hint="--filter")
    return name, value


def _names(reports: Mapping[str, Report]) -> str:
    names = [(each.name, each.title) for each in reports.values()]
    return _text(table_lines([Column("Name"), Column("Title")], names))


def _chosen(reports: Mapping[str, Report], name: str) -> Report:
    """Return a report by its name, or by a part of its name that no other has. Raises UsageError."""
    paths = {each.path.replace("/", "."): each for each in reports.values()}
    known = reports.get(name) or paths.get(name)
    containing = [each for each in reports if name in each.split("-")]
    if known is not None or len(containing) == 1:
        return known or reports[containing[0]]
    nearest = containing or get_close_matches(name, reports, n=3)
    advice = f"Did you mean {' or '.join(nearest)}?" if nearest else "`sihe show` lists all names."
    raise click.UsageError(f"There is no report {name}. {advice}")


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _shown(client: Client, report: Report, query: Mapping[str, str], as_csv: bool) -> str:
    return client.text(report.path, format="csv", **query) if as_csv else _text(_lines(client, report, query))


def _lines(client: Client, report: Report, query: Mapping[str, str]) -> Iterator[str]:
    content = _all_rows(client, report, query) if report.is_list else client.get(report.path, **query)
    rows = content[report.rows] if report.rows else []
    yield f"{report.title}{''.join(_stated(report, content))}"
    yield ""
    yield from _table(report, rows, content.get("totals") or {}) if report.rows else _members(report, content)
    yield from _below(report, content)


def _all_rows(client: Client, report: Report, query: Mapping[str, str]) -> dict[str, Any]:
    return {"data": list(client.rows(report.path, **query))}


def _stated(report: Report, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the whole report states, such as its day."""
    for name, value in content.items():
        if report.rows and isinstance(value, (str, int)) and name not in PAGING:
            yield f", {report.titles.get(name, name).lower()} {value}"


def _members(report: Report, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the members of a report without rows, such as settings."""
    named = [(report.titles.get(name, name), _cell(value)) for name, value in content.items()]
    yield from table_lines([Column("Name"), Column("Value")], named)


def _table(report: Report, rows: Sequence[Row], totals: Mapping[str, Any]) -> Iterator[str]:
    names = [each for each in report.columns if not _is_named_otherwise(each, report.columns)]
    values = [[_cell(row.get(name)) for name in names] for row in rows]
    total = [_cell(totals[name]) if name in totals else "" for name in names]
    if any(total):
        total[0] = total[0] or "Total"
    yield from table_lines([report.columns[name] for name in names], values, [total] if any(total) else [])
    yield f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}"


def _is_named_otherwise(name: str, columns: Mapping[str, Column]) -> bool:
    """Return whether a column has ids of records whose code or number is in another column."""
    record = name.removesuffix("_id")
    is_reference = name.endswith("_id") or f"{name}_code" in columns
    return is_reference and not {record, f"{record}_code", f"{record}_number"}.isdisjoint({*columns} - {name})


def _below(report: Report, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield totals that are of no column, and what the report leaves out."""
    for name, value in (content.get("totals") or {}).items():
        if name not in report.columns:
            yield f"{report.total_titles.get(name, name)}: {_cell(value)}"
    if left_out := content.get(OTHER_CURRENCIES):
        yield f"Not included, in other currencies: {', '.join(map(str, left_out))}"


def _cell(value: Any) -> str:
    """Return a value for people: money with its currency, several values with commas, nothing for none."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case {"amount": amount, "currency": currency}:
            return f"{Decimal(amount):,} {currency}"
        case list():
            return ", ".join(map(_cell, value))
        case dict():
            return ", ".join(f"{name} {_cell(each)}" for name, each in value.items() if each is not None)
        case _:
            return str(value)
