"""Faults that are planted one at a time into the code that serves the resources, with the check that must find each."""

from dataclasses import replace
from functools import wraps
from uuid import uuid4

import marshmallow

from gateway.access.roles import ROLES
from gateway.routes import Route as PublicRoute
from shared import commit_builder
from shared.command_runner import CommandRunner
from shared.commands import Commands
from shared.commit_builder import CommitBuilder
from shared.domain import AlreadyTaken, MasterRecord, RecordStatus, StateTable
from shared.domain.state_table import StateRule
from shared.fields import Changes
from shared.master_data import MasterCommands, MasterProjection
from shared.projections import RowReader, column_comparison, row_query
from shared.projections.row_query import RowSelection
from shared.service import Service
from shared.unit_of_work import StaleVersion, StoreUnitOfWork
from shared.web import Resource, Schema, app, batch, columns, commands, cursors, exchange, fields, lists, queries
from shared.web import schema as schemas
from shared.web import sheets as sheet_answers
from shared.web.body_limits import BodyKind
from shared.web.fields import BaseTextField
from shared.web.lists import ListEndpoint
from tests.unit.resources import checks_access as access
from tests.unit.resources import checks_batches as batches
from tests.unit.resources import checks_commands as requests
from tests.unit.resources import checks_input as inputs
from tests.unit.resources import checks_lists as listed
from tests.unit.resources import checks_records as records
from tests.unit.resources import checks_sheets as sheets
from tests.unit.resources import checks_unique as unique
from tests.unit.resources.fault import (
    JOBS,
    Fault,
    accept_missing_values,
    accept_null,
    add_line_to_template,
    changes_result,
    commit_at_the_end,
    drop_unknown_fields,
    ignore_unknown_columns,
    read_stored_values_only,
    returns,
    skip_first_row_after_cursor,
    sort_equal_rows_ascending,
    take_code_of_refused_request,
)

CARRIERS, ORDERS, PURCHASE_ORDERS = "scm.carriers", "crm.sales-orders", "srm.purchase-orders"

FAULTS = [
    # records
    Fault("a row shows another value", records.check_new_record_is_shown_at_its_address,
          MasterProjection, "to_row", changes_result(lambda row: {**row, "name": "other"})),
    Fault("an address leads to no record", records.check_new_record_is_shown_at_its_address,
          MasterProjection, "address_of", returns(str(uuid4()))),
    Fault("a change resets other fields", records.check_change_affects_only_the_given_fields,
          Changes, "apply_to", lambda _: lambda self, value: replace(value, **{"capacity": None, **self.given})),
    Fault("a change is lost", records.check_change_affects_only_the_given_fields,
          MasterRecord, "revise", returns(None)),
    Fault("a change ignores fields that it does not know", records.check_fixed_and_unknown_fields_cannot_be_changed,
          Schema, "load", drop_unknown_fields),
    Fault("a repeated deactivation is a new version", records.check_record_is_deactivated_and_reactivated,
          MasterRecord, "deactivate", lambda sound: wraps(sound)(lambda self: self._deactivated(entry=self.entry))),
    Fault("a deactivated record is shown as active", records.check_record_is_deactivated_and_reactivated,
          MasterProjection, "to_row", changes_result(lambda row: {**row, "active": True})),
    # lists
    Fault("a list leaves out a row", listed.check_list_shows_every_record,
          RowReader, "list_stored_rows", changes_result(lambda rows: rows[:-1])),
    Fault("a list shows another value than the record", listed.check_list_shows_every_record,
          lists, "as_json_for_readers", changes_result(lambda rows: [{"id": "other"} for _ in rows])),
    Fault("a filter is ignored", listed.check_filters_select_the_rows_with_a_value,
          ListEndpoint, "_filter", returns(None)),
    Fault("only the first of two values is used", listed.check_filters_select_the_rows_with_a_value,
          lists, "_parse_each", changes_result(lambda values: values[:1])),
    Fault("a range includes its limit", listed.check_filters_select_the_rows_with_a_value,
          column_comparison, "SIGNS", lambda sound: {**sound, "gt": ">="}),
    Fault("an unknown parameter is ignored", listed.check_invalid_parameters_are_refused,
          ListEndpoint, "_filter", ignore_unknown_columns),
    Fault("a value that a column cannot have is taken", listed.check_filters_with_fixed_values_name_them,
          fields.FlagParameter, "_parse", returns(True)),
    Fault("the direction of an order is ignored", listed.check_list_is_sorted_by_every_column,
          ListEndpoint, "_parse_sort", changes_result(lambda order: [(column, False) for column, _ in order])),
    Fault("equal rows are in another order", listed.check_list_is_sorted_by_every_column,
          RowSelection, "_order", sort_equal_rows_ascending),
    Fault("a page repeats a row", listed.check_pages_show_every_row_once,
          RowReader, "cursor_of", changes_result(lambda place: (*place[:-1], place[-1][:-1]))),
    Fault("a page leaves out a row", listed.check_pages_show_every_row_once,
          RowReader, "list_stored_rows", skip_first_row_after_cursor),
    Fault("a page leaves out a group", listed.check_groups_add_up_to_the_list,
          RowReader, "list_groups", skip_first_row_after_cursor),
    Fault("groups are in the opposite order", listed.check_groups_add_up_to_the_list,
          ListEndpoint, "_parse_sort", changes_result(lambda order: [(column, False) for column, _ in order]), ORDERS),
    Fault("a cursor is used in another order", listed.check_cursor_belongs_to_its_query,
          lists, "decode_cursor", lambda _: lambda cursor, bound: cursors._cursors().loads(cursor)[1]),
    Fault("a search finds only the first words of a text", listed.check_search_finds_rows_by_their_words,
          row_query, "_like_pattern", lambda _: lambda word: f"{word.casefold()}%"),
    Fault("a search is ignored", listed.check_search_finds_rows_by_their_words,
          ListEndpoint, "_set_parameter", lambda sound: lambda self, query, name, value: (
              None if name == "q" else sound(self, query, name, value))),
    # batches
    Fault("a refused item of a batch is shown as created", batches.check_batch_creates_valid_items_and_refuses_others,
          batch, "_result", returns({"status": 201, "location": "", "resource": {}})),
    Fault("an atomic batch creates the valid items", batches.check_atomic_batch_creates_all_or_none,
          batch, "_atomic_reply", lambda _: batch._batch_reply),
    Fault("a refused batch takes the codes of its items", batches.check_refused_batch_takes_no_number,
          batch, "_atomic_reply", lambda _: batch._batch_reply),
    # sheets
    Fault("an export leaves out a row", sheets.check_export_has_all_rows_and_columns,
          exchange, "_rows_to_export", changes_result(lambda rows: rows[:-1])),
    Fault("an export leaves out a column", sheets.check_export_has_all_rows_and_columns,
          exchange, "lines_of", changes_result(lambda rows: [row[:-1] for row in rows])),
    Fault("an export ignores its filter", sheets.check_export_has_the_filtered_rows,
          exchange, "_split_parameters", changes_result(lambda parameters: (parameters[0], type(parameters[0])()))),
    Fault("a sheet of a list leaves out a row", sheets.check_list_as_sheet_has_the_same_rows,
          sheet_answers, "readable_rows", changes_result(lambda rows: list(rows)[:-1])),
    Fault("a sheet of a list leaves out a column", sheets.check_list_as_sheet_has_the_same_rows,
          sheet_answers, "row_columns", changes_result(lambda found: found[:-1])),
    Fault("a sheet of a list ignores its filter", sheets.check_list_as_sheet_has_the_filtered_rows,
          queries, "all_rows", lambda sound: lambda reader, query, _where: sound(reader, query, {})),
    Fault("the media type of a sheet is ignored", sheets.check_list_as_sheet_has_the_filtered_rows,
          queries, "asked_form", lambda _: lambda given: given),
    Fault("a sheet ignores a parameter of pages", sheets.check_sheet_has_no_pages,
          queries, "refuse_parameters_of_pages", returns(None)),
    Fault("a template has a row", sheets.check_template_has_only_the_columns,
          exchange, "lines_of", add_line_to_template),
    Fault("an import loses a column", sheets.check_import_of_an_export_gives_the_same_rows,
          columns.ImportedHeader, "document", changes_result(lambda row: {**row, "capacity": None})),
    Fault("a dry run is stored", sheets.check_dry_run_stores_nothing,
          CommandRunner, "read_only", commit_at_the_end),
    Fault("a sheet is imported in part", sheets.check_sheet_with_an_invalid_row_is_refused,
          exchange._ImportedSheet, "imported", lambda _: lambda sheet, done: sheet.reply(done, dry_run=False)),
    # unique values
    Fault("a code in another spelling is free", unique.check_value_in_another_spelling_is_taken,
          commit_builder, "unique_key", lambda _: lambda *name_and_value: name_and_value),
    Fault("a refusal does not name the registered code", unique.check_value_in_another_spelling_is_taken,
          AlreadyTaken, "__init__", lambda sound: lambda self, _detail, **named: sound(self, "taken", **named)),
    Fault("a batch ignores the codes of its earlier items", unique.check_batch_refuses_the_second_spelling_of_a_value,
          CommitBuilder, "get_unique_value", read_stored_values_only),
    Fault("a sheet may have a code in two spellings", unique.check_sheet_refuses_the_second_spelling_of_a_value,
          commit_builder, "unique_key", lambda _: lambda *name_and_value: name_and_value),
    Fault("a sheet ignores the codes of its earlier rows", unique.check_sheet_refuses_the_second_spelling_of_a_value,
          CommitBuilder, "get_unique_value", read_stored_values_only),
    Fault("a key may be the path of a batch", unique.check_value_is_no_other_path,
          MasterCommands, "_require_not_reserved", returns(None), "scm.items"),
    # keys and versions
    Fault("an idempotency key is ignored", requests.check_repeated_request_returns_the_first_response,
          commands, "idempotency_key", lambda _: lambda _environ: uuid4().hex),
    Fault("an idempotency key is bound to no request", requests.check_key_belongs_to_one_request,
          Service, "keyed_digest", returns("the same")),
    Fault("an idempotency key is optional", requests.check_key_belongs_to_one_request,
          commands, "idempotency_key", lambda _: lambda environ: environ.get("HTTP_IDEMPOTENCY_KEY", uuid4().hex)),
    Fault("a version is optional", requests.check_change_needs_the_current_version,
          commands, "expected_version", lambda sound: lambda environ, is_required: sound(environ, is_required=False)),
    Fault("a stale version is accepted", requests.check_change_needs_the_current_version,
          StoreUnitOfWork, "require_version", returns(None)),
    Fault("a stale change is answered with another version", requests.check_change_needs_the_current_version,
          StaleVersion, "__init__", lambda sound: lambda self, _current: sound(self, 0)),
    Fault("a stale version is accepted by a command", requests.check_stale_version_refuses_every_command,
          StoreUnitOfWork, "require_version", returns(None)),
    # states
    Fault("a command is shown that the status refuses", requests.check_allowed_commands_follow_the_status,
          StateTable, "allows", returns(True), PURCHASE_ORDERS),
    Fault("a command is not shown that the status allows", requests.check_allowed_commands_follow_the_status,
          StateTable, "allows", returns(False), PURCHASE_ORDERS),
    Fault("a command is refused that the status allows", requests.check_allowed_commands_follow_the_status,
          StateRule, "allows", returns(False), PURCHASE_ORDERS),
    Fault("a deactivated record can be deactivated", requests.check_allowed_commands_have_an_effect,
          StateTable, "allows", returns(True)),
    Fault("a record cannot be deactivated", requests.check_allowed_commands_have_an_effect,
          MasterProjection, "state_of", returns(RecordStatus.DEACTIVATED)),
    # input
    Fault("a required field is optional", inputs.check_every_invalid_value_is_refused,
          marshmallow.fields.Field, "_validate_missing", accept_missing_values),
    Fault("null is accepted", inputs.check_every_invalid_value_is_refused,
          fields.Field, "deserialize", accept_null),
    Fault("a text of any length is accepted", inputs.check_every_invalid_value_is_refused,
          fields.Text, "_parse", lambda _: lambda _field, text: text),
    Fault("a value of another type is accepted", inputs.check_every_invalid_value_is_refused,
          BaseTextField, "_deserialize", lambda sound: lambda self, value, *rest: sound(self, str(value), *rest)),
    Fault("any choice is accepted", inputs.check_every_invalid_value_is_refused,
          fields.OneOf, "_parse", lambda _: lambda _field, text: text),
    Fault("an unknown field is ignored", inputs.check_every_invalid_value_is_refused,
          Schema, "load", drop_unknown_fields),
    Fault("an error names another field", inputs.check_every_invalid_value_is_refused,
          schemas, "pointer_part", returns("other")),
    Fault("a refused request is stored", inputs.check_every_invalid_value_is_refused,
          Schema, "parse", take_code_of_refused_request),
    Fault("an unknown record of another service is accepted", inputs.check_unknown_references_are_refused,
          Commands, "require_received", returns(None), ORDERS),
    Fault("a refused request takes its code", inputs.check_refused_requests_leave_no_trace,
          Schema, "parse", take_code_of_refused_request),
    Fault("an unknown parameter of a query is ignored", inputs.check_every_invalid_parameter_is_refused,
          queries, "parse_query_by_schema", returns({})),
    # rights
    Fault("a route needs no permission", access.check_every_route_needs_its_permission,
          PublicRoute, "roles", lambda _: property(lambda _route: frozenset(ROLES)), CARRIERS),
    Fault("a route is public under another permission", access.check_every_route_needs_its_permission,
          Resource, "access_of", returns(("no_such_verb", BodyKind.SHORT)), CARRIERS),
    Fault("the list shows records of another owner", access.check_records_of_another_owner_are_hidden,
          RowReader, "for_owner", lambda _: lambda self, _owner: self, JOBS),
    Fault("a record of another owner is shown", access.check_records_of_another_owner_are_hidden,
          StoreUnitOfWork, "_has_access", returns(True), JOBS),
    Fault("a record of another owner can be changed", access.check_records_of_another_owner_cannot_be_changed,
          StoreUnitOfWork, "_has_access", returns(True), JOBS),
    Fault("a record of another owner can be named", access.check_records_of_another_owner_cannot_be_named,
          StoreUnitOfWork, "_has_access", returns(True), ORDERS),
    Fault("a route without an owner is open", access.check_limited_callers_need_an_owner,
          app, "_has_owner", returns(True)),
]  # fmt: skip
