"""What a header may hold: each reason to refuse a name by itself, and never the name in the refusal."""

from __future__ import annotations

import pytest

from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.sources.columns import MAX_COLUMNS, check_column_names, type_name

SECOND = {"column": Amount(2)}
REFUSED = [
    ("no letter, few digits", ["id", "12-34"], "delivery.column_name_number", SECOND),
    ("no letter and no digit", ["id", "--"], "delivery.column_name_number", SECOND),
    ("a letter before a number of eight digits", ["id", "V12345678"], "delivery.column_name_number", SECOND),
    ("letters around a longer number", ["id", "x123456789y"], "delivery.column_name_number", SECOND),
    ("only blanks", ["id", "  "], "delivery.column_unnamed", SECOND),
    ("too long", ["id", "x" * 201], "delivery.column_name_odd", SECOND),
    ("not printable", ["id", "a\tb"], "delivery.column_name_odd", SECOND),
    ("the same name", ["a", "b", "A"], "delivery.columns_alike", {"first": Amount(1), "second": Amount(3)}),
    (
        "too many",
        [f"c{n}" for n in range(MAX_COLUMNS + 1)],
        "delivery.too_many_columns",
        {"columns": Amount(1001), "most": Amount(1000)},
    ),
]
KEPT = [
    ("seven digits after a letter", "V1234567"),
    ("two hundred characters", "x" * 200),
    ("one letter", "é"),
    ("eight digits that do not follow one another", "a1234-5678"),
]


@pytest.mark.parametrize(("sentence", "names", "code", "params"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_name_is_refused_for(sentence, names, code, params):
    with pytest.raises(UnreadableDelivery) as refused:
        check_column_names(names)
    assert refused.value.statement == Statement(code, params)
    assert not [name for name in names if len(name.strip()) > 2 and name in str(refused.value)]


@pytest.mark.parametrize(("sentence", "name"), KEPT, ids=[row[0] for row in KEPT])
def test_a_name_is_kept_with(sentence, name):
    assert check_column_names(["id", name]) == ("id", name)


def test_as_many_columns_as_are_allowed_are_read():
    names = [f"c{n}" for n in range(MAX_COLUMNS)]
    assert check_column_names(names) == tuple(names)


@pytest.mark.parametrize(
    ("duckdb", "ours"),
    [
        ("VARCHAR", "text"), ("ENUM('a', 'b')", "text"), ("UUID", "text"), ("INTERVAL", "text"),
        ("TINYINT", "integer"), ("HUGEINT", "integer"), ("UTINYINT", "integer"), ("UHUGEINT", "integer"),
        ("FLOAT", "number"), ("DOUBLE", "number"), ("DECIMAL(18,3)", "number"),
        ("STRUCT(a INTEGER)", "json"), ("MAP(VARCHAR, INTEGER)", "json"), ("INTEGER[]", "json"), ("JSON", "json"),
        ("BLOB", "binary"), ("BIT", "binary"), ("BOOLEAN", "boolean"), ("DATE", "date"), ("TIME", "time"),
        ("TIMESTAMP", "timestamp"), ("TIMESTAMP WITH TIME ZONE", "timestamp"), ("TIMESTAMP_NS", "timestamp"),
        ("GEOMETRY", "geometry"),
    ],
)  # fmt: skip
def test_a_type_has_our_name(duckdb, ours):
    assert type_name(duckdb) == ours
