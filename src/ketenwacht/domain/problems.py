"""Why there is nothing to judge: what is wrong with a delivery, or why a measurement failed, as codes.

Whoever reads deliveries raises these (`messages.formatter.unreadable`), and a delivery or measurement keeps them.
No parameter holds a value that was read: only names, types, counts and line numbers.
"""

from __future__ import annotations

from datetime import date, datetime

from ketenwacht.errors import DeliveryError

from .statement import Amount, Codes, Name, Persons, Statement, Term, Text, legacy

_CAUSE = {"cause": Name}
"""The class of an exception: its message may quote a person."""

_ARRIVAL: Codes = {
    "delivery.readable": {},
    "delivery.absent": {},
    "delivery.unreadable": {},
    "delivery.not_told": {},
    "delivery.overdue": {"due": datetime},
    "delivery.misnamed": {"due": datetime, "name": Name},
    "delivery.gone_from_file": {},
    "delivery.gone_from_table": {},
    "delivery.folder_not_listed": _CAUSE,
    "delivery.file_not_there": _CAUSE,
    "delivery.remote_no_host": {},
    "delivery.remote_refused": {},
    "delivery.remote_timeout": {},
    "delivery.remote_certificate": {},
    "delivery.remote_host_key": {},
    "delivery.remote_denied": {},
    "delivery.remote_not_found": {},
    "delivery.remote_failed": _CAUSE,
    "delivery.database_not_read": {"database": Text, **_CAUSE},
    "delivery.statement_took_time": {},
    "delivery.spark_failed": {"cause": Text},
    "delivery.spark_missing": {},
    "delivery.connection_lost": _CAUSE,
    "delivery.rows_out_of_reach": _CAUSE,
    "delivery.period_impossible": {"first": date, "last": date},
    "delivery.measuring_ended": {},
    "delivery.measuring_failed": {"cause": Text},
    "delivery.measuring_no_memory": {},
    "delivery.measuring_took_memory": {"most": Amount},
    "delivery.measuring_took_time": {"seconds": Amount},
    "delivery.measuring_stood_still": {"seconds": Amount},
    "delivery.listing_took_time": {"seconds": Amount},
    "delivery.listing_ended": {},
    "delivery.file_ended": {},
    "delivery.file_stood_still": {"seconds": Amount},
    "delivery.plugin_failed": {"plugin": Text, "cause": Text},
    "delivery.plugin_columns": {"plugin": Text},
    "delivery.plugin_no_columns": {"plugin": Text},
}
_FILE: Codes = {
    "delivery.outside_folder": {},
    "delivery.no_regular_file": {},
    "delivery.too_large": {"size": Amount, "most": Amount},
    "delivery.changed": {},
    "delivery.replaced": {},
    "delivery.packed": {"format": Name},
    "delivery.not_opened": _CAUSE,
    "delivery.not_read": _CAUSE,
    "delivery.encoding": {"line": Amount, "encoding": Name},
    "delivery.nul": {"line": Amount},
    "delivery.mark_inside": {"line": Amount},
    "delivery.header_repeated": {"rows": Amount},
    "delivery.header_repeated_line": {"rows": Amount, "line": Amount},
    "delivery.other_id": {},
    "delivery.number_differs": {},
    "delivery.period_differs": {},
    "delivery.size_differs": {"size": Amount, "stated": Amount},
    "delivery.checksum_differs": {},
    "delivery.marker_missing": {},
    "delivery.marker_checksum": {},
    "delivery.remote_checksum": {},
    "delivery.size_impossible": {"size": Amount},
    "delivery.rows_impossible": {"size": Amount},
    "delivery.counts_impossible": {"size": Amount},
}
_MANIFEST: Codes = {
    "delivery.data_missing": {},
    "delivery.manifest_missing": {},
    "delivery.manifest_too_large": {"most": Amount},
    "delivery.manifest_not_read": _CAUSE,
    "delivery.manifest_not_json": {},
    "delivery.manifest_no_object": {},
    "delivery.manifest_field": {"field": Name, "fault": Term},
    "delivery.manifest_item": {"field": Name, "item": Amount, "fault": Term},
    "delivery.manifest_no_period": {"field": Name},
}
_FORM: Codes = {
    "delivery.no_header": {},
    "delivery.header_empty": {},
    "delivery.header_not_read": _CAUSE,
    "delivery.header_too_long": {"most": Amount},
    "delivery.header_delimiters": {},
    "delivery.header_no_csv": {},
    "delivery.unpacked_too_large": {"most": Amount},
    "delivery.not_unpacked": {"format": Name, "cause": Name},
    "delivery.zip_files": {"files": Amount},
    "delivery.too_few_lines": {"lines": Amount},
    "delivery.footer_is_row": {"line": Amount},
    "delivery.footer_unlike": {"line": Amount},
    "delivery.line_too_long": {"line": Amount, "characters": Amount, "most": Amount},
    "delivery.lines_swallowed": {"line": Amount, "last": Amount},
    "delivery.no_workbook": {"cause": Name},
    "delivery.sheets": {"sheets": Amount},
    "delivery.not_calculated": {"line": Amount},
    "delivery.xml_doctype": {},
    "delivery.xml_not_valid": {"line": Amount},
    "delivery.xml_twice": {"line": Amount},
    "delivery.xml_text": {"line": Amount},
    "delivery.no_rows_at": {"path": Name},
    "delivery.document_too_large": {"most": Amount},
    "delivery.document_too_deep": {"most": Amount},
    "delivery.row_width": {"line": Amount, "fields": Amount, "columns": Amount},
    "delivery.row_no_csv": {"line": Amount},
    "delivery.line_ends": {},
    "delivery.no_objects": {},
    "delivery.no_json_lines": _CAUSE,
    "delivery.json_too_long": {"line": Amount, "most": Amount},
    "delivery.json_number_too_large": {"line": Amount},
    "delivery.json_too_deep": {"line": Amount, "most": Amount},
    "delivery.json_not_valid": {"line": Amount},
    "delivery.json_no_object": {"line": Amount},
    "delivery.json_key_twice": {},
    "delivery.no_parquet": _CAUSE,
    "delivery.parquet_too_large": {"rows": Persons, "most": Amount},
    "delivery.too_many_columns": {"columns": Amount, "most": Amount},
    "delivery.too_many_segments": {"most": Amount},
    "delivery.count_wrong": {"column": Name, "rows": Amount},
    "delivery.count_wrong_line": {"column": Name, "rows": Amount, "line": Amount},
    "delivery.column_unnamed": {"column": Amount},
    "delivery.column_name_odd": {"column": Amount},
    "delivery.column_name_number": {"column": Amount},
    "delivery.columns_alike": {"first": Amount, "second": Amount},
    "delivery.value_type": {"column": Amount, "type": Term},
    "delivery.value_nul": {"column": Amount},
    "delivery.values_of_other_types": {},
    "delivery.rows_not_read": _CAUSE,
    "delivery.rows_wrong": {"why": Text},
}
_MEASUREMENT: Codes = {
    "unmeasured.not_measured": {},
    "unmeasured.not_evaluated": {},
    "unmeasured.type_not_allowed": {"type": Name},
    "unmeasured.no_code_table": {"parameter": Name},
    "unmeasured.no_column": {"column": Name},
    "unmeasured.not_told": {},
    "unmeasured.failed": {"cause": Text},
    "unmeasured.took_time": {},
    "unmeasured.query_no_number": {},
    "unmeasured.query_refused": {},
    "unmeasured.query_needs_copy": {},
}

PROBLEMS: Codes = {**_ARRIVAL, **_FILE, **_MANIFEST, **_FORM, **_MEASUREMENT}
"""Every code; see `statement.Codes`."""

MOVED = frozenset({"delivery.changed", "delivery.replaced"})
"""Problems of a delivery that was replaced just then: what is there now may well be readable."""


def problem_of(fault: DeliveryError) -> Statement:
    """Return what is wrong with a delivery, as the error says it."""
    return fault.statement if isinstance(fault.statement, Statement) else legacy(str(fault))
