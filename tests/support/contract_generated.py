"""Contracts and documents as hypothesis makes them up."""

from contract_samples import rule
from hypothesis import strategies as st

from ketenwacht.contract import Contract, SuiteTree

WORDS = st.text("abcxyzÀž -'\"#:{}[]?&*!|>%@`0123456789.~", min_size=1, max_size=12).filter(
    lambda w: w.strip() == w
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.sampled_from(
    ["no", "yes", "0123", "1e3", "2022-01-01", "~", "null", "- a", "a: b", "two\nlines", "12:30", "${X}", " lead"]
)
WORDED = st.dictionaries(st.sampled_from(["nl", "en"]), TEXT.filter(bool), min_size=1)
"""One text a language."""
SEVERITY = st.sampled_from(["critical", "warning", "info"])
SHARE = st.floats(0, 1, allow_nan=False).map(lambda x: round(x, 4)) | st.sampled_from([1, 0, 0.95, 1.0])
SCALARS = st.none() | st.booleans() | st.integers(-9999, 9999) | TEXT
VALUES = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(NAMES, x, max_size=3), max_leaves=6
)
DURATIONS = st.tuples(st.integers(0, 90), st.sampled_from(["s", "min", "h", "d", "w"])).map(
    lambda d: f"{d[0]}{d[1]}"
)
DAYS = st.dates().map(lambda day: day.isoformat())


@st.composite
def rules(draw, columns):
    column = st.sampled_from(columns)
    share = {} if draw(st.booleans()) else {"mostly": draw(SHARE)}
    kind, kwargs = draw(
        st.sampled_from(
            [
                ("expect_column_values_to_not_be_null", {"column": draw(column)}),
                ("expect_column_values_to_be_unique", {"column": draw(column)}),
                ("expect_column_values_to_match_regex", {"column": draw(column), "regex": draw(TEXT)}),
                (
                    "expect_column_values_to_be_in_set",
                    {"column": draw(column), "value_set": draw(st.lists(SCALARS))},
                ),
                (
                    "expect_column_values_to_be_in_set",
                    {"column": draw(column), "value_set": {"$PARAMETER": "codes"}},
                ),
                (
                    "expect_column_value_lengths_to_equal",
                    {"column": draw(column), "value": draw(st.integers(0, 9))},
                ),
                ("expect_compound_columns_to_be_unique", {"column_list": draw(st.lists(column, max_size=2))}),
                ("expect_column_pair_values_to_be_equal", {"column_A": draw(column), "column_B": draw(column)}),
                ("expect_table_row_count_to_equal", {"value": draw(st.integers(0, 99))}),
            ]
        )
    )
    bounds = {"min_value": draw(st.none() | st.integers(0, 9)), "max_value": draw(st.none() | st.integers(0, 9))}
    if draw(st.integers(0, 9)) == 0:
        kind, kwargs, share = "expect_table_row_count_to_be_between", bounds, {}
    if draw(st.integers(0, 4)) == 0:
        share["row_condition"] = {
            "type": "nullity",
            "column": {"name": draw(column)},
            "is_null": draw(st.booleans()),
        }
    raw = rule("", kind, draw(SEVERITY), **kwargs, **share)
    raw["meta"] = draw(st.dictionaries(st.sampled_from(["owner", "why", "nature"]), SCALARS))
    raw["meta"] |= {} if draw(st.booleans()) else {"title": draw(TEXT | WORDED)}
    raw |= {} if draw(st.booleans()) else {"notes": draw(TEXT)}
    if draw(st.integers(0, 5)) == 0:
        del raw["severity"]
    return raw


@st.composite
def contracts(draw):
    columns = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    found = draw(st.lists(rules(columns), max_size=6))
    for i, raw in enumerate(found):
        raw["meta"]["check_id"] = f"{draw(WORDS).replace('.', '')}-{i}".strip()
    checks = [
        {"kind": kind} for kind in draw(st.lists(st.sampled_from(["schedule", "volume", "evidence"]), unique=True))
    ]
    checks += [{"kind": "schema", "columns": columns}] if draw(st.booleans()) else []
    checks += [{"kind": "made_up", "name": "own", "setting": draw(VALUES)}] if draw(st.booleans()) else []
    schedule = {"cron": "0 7 * * mon-fri"} | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "grace": DURATIONS,
                "sla": DURATIONS,
                "lag": DURATIONS,
                "closures": st.lists(DAYS, min_size=1),
            },
        )
    )
    source = {"kind": "files", "path": draw(WORDS), "reader": draw(st.sampled_from(["csv", "jsonl", "parquet"]))}
    table = {"kind": "table", "url": "postgresql+psycopg://${U}@h:5432/d", "table": "s.t", "period_column": "day"}
    settings = {"sender": draw(WORDS), "receiver": draw(WORDS), "schedule": schedule}
    settings |= {"source": draw(st.sampled_from([source | {"pattern": "{date:%Y}.csv"}, table, source]))}
    settings |= {} if draw(st.booleans()) else {"title": draw(WORDS.map("T {}".format) | WORDED)}
    settings |= {} if draw(st.booleans()) else {"environments": {"staging": {"source": {"path": draw(WORDS)}}}}
    settings |= {} if draw(st.booleans()) else {"key": draw(st.sampled_from(columns))}
    settings |= draw(st.dictionaries(st.sampled_from(["segments", "evidence"]), VALUES.filter(bool), max_size=2))
    uses = any(raw["kwargs"].get("value_set") == {"$PARAMETER": "codes"} for raw in found)
    code = st.fixed_dictionaries({"code": WORDS}, optional={"name": WORDS, "valid_to": DAYS, "successor": WORDS})
    return Contract(
        feed=draw(st.sampled_from(["feed", "ind-duo", "Some Feed"])),
        timezone=draw(st.sampled_from(["UTC", "Europe/Amsterdam"])),
        settings=settings,
        suites=(
            SuiteTree(name="suite", expectations=tuple(found), rest=draw(st.just({}) | st.just({"notes": "n"}))),
        ),
        checks={"version": 1, "false_alarms_per_year": 2, "checks": checks},
        codes={"codes": tuple(draw(st.lists(code, min_size=1, max_size=4)))} if uses else {},
        terms=draw(_terms(columns)),
    )


@st.composite
def _terms(draw, columns):
    described = {"properties": [{"name": c, "description": draw(TEXT)} for c in columns if draw(st.booleans())]}
    described |= {"description": draw(TEXT)}
    terms = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "version": st.just("1.0.0"),
                "status": st.sampled_from(["active", "retired"]),
                "domain": TEXT,
                "tags": st.lists(TEXT, max_size=3),
                "description": st.fixed_dictionaries({"purpose": TEXT}),
                "team": st.just({"name": "Data office", "members": [{"username": "a"}]}),
                "support": st.lists(st.builds(lambda c: {"channel": c}, WORDS), min_size=1, max_size=3),
                "slaProperties": st.just([{"property": "retention", "value": 3, "unit": "y"}] * 2),
            },
        )
    )
    return terms | ({"schema": [described]} if described["properties"] and draw(st.booleans()) else {})


@st.composite
def documents(draw):
    """Parts of documents, with lists of named items that repeat and lack names."""
    item = st.fixed_dictionaries({}, optional={"name": st.sampled_from("ab"), "x": SCALARS, "y": SCALARS})
    keys = st.fixed_dictionaries(
        {},
        optional={
            "quality": st.lists(item, max_size=4),
            "tags": st.lists(SCALARS, max_size=2),
            "d": st.dictionaries(st.sampled_from("ab"), SCALARS),
            "s": SCALARS,
        },
    )
    return draw(keys)
