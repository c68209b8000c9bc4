"""Exports satisfy the standard's own JSON Schema; documents of others import, with notes about the rest."""

import re

import contract_samples as samples
import pytest
from contract_generated import contracts
from hypothesis import HealthCheck, given, settings
from project import ROOT

from ketenwacht.contract import ImportOutcome, format_yaml, from_odcs, to_odcs
from ketenwacht.errors import ConfigError
from ketenwacht.measure.suite import KNOWN
from ketenwacht.workflows.contracts import load_contract, read_odcs


def known(kind):
    return kind in KNOWN


# Version 3.2 of the schema asks for a `map` of every property that states no logical type: its `if` holds for an
# absent type too. Documents here are of v3.1, which has no maps.
MAP = "'map' is a required property"


def faults(schema, document):
    found = (e for e in schema.iter_errors(document) if e.message != MAP)
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in found]


def test_the_sample_feed_is_odcs(odcs_schema):
    assert faults(odcs_schema, to_odcs(load_contract(ROOT / "config.yaml", None))) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contract=contracts())
@pytest.mark.integration
def test_every_contract_is_odcs(contract, odcs_schema):
    assert faults(odcs_schema, to_odcs(contract)) == []


def test_equal_bounds_are_odcs_and_import_again(small, odcs_schema):
    small["rules"][4]["kwargs"] = {"min_value": 7, "max_value": 7}
    document = to_odcs(samples.built(small))
    assert faults(odcs_schema, document) == []
    assert to_odcs(from_odcs(document, where="x", known=known).contracts[0]) == document


SMALLEST = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "draft"}

OLDER = SMALLEST | {
    "apiVersion": "v3.0.2",
    "name": "payments",
    "team": [{"username": "a.owner", "role": "owner", "dateIn": "2024-01-01"}],
    "slaProperties": [{"property": "latency", "value": 4, "unit": "d", "element": "tab.txn_ref_dt"}],
    "schema": [
        {
            "name": "tbl",
            "physicalName": "tbl_1",
            "dataGranularityDescription": "One row a day and country.",
            "properties": [
                {"name": "txn_ref_dt", "logicalType": "date", "partitioned": True, "partitionKeyPosition": 1},
                {
                    "name": "rcvr_id",
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                },
                {
                    "name": "rcvr_cntry_code",
                    "logicalType": "string",
                    "quality": [{"type": "text", "description": "d"}],
                },
            ],
            "quality": [{"metric": "duplicateValues", "mustBeLessThan": 10, "name": "Few twins", "unit": "rows"}],
        }
    ],
}

NEWER = SMALLEST | {
    "name": "orders",
    "status": "active",
    "tenant": "shop",
    "domain": "sales",
    "dataProduct": "orders",
    "description": {"purpose": "Know what was ordered.", "usage": "Forecasts.", "limitations": "No refunds."},
    "tags": ["sales"],
    "servers": [
        {"server": "prod", "type": "postgres", "host": "db", "port": 5432, "database": "d", "schema": "s"},
        {"server": "lake", "type": "s3", "location": "s3://bucket/*.json", "format": "json"},
    ],
    "roles": [{"role": "reader", "access": "read"}],
    "team": {"name": "Sales", "members": [{"username": "a.owner", "role": "owner"}]},
    "support": [{"channel": "#orders", "tool": "slack"}],
    "price": {"priceAmount": 1, "priceCurrency": "EUR", "priceUnit": "GB"},
    "slaProperties": [
        {"property": "frequency", "value": 1, "unit": "d"},
        {"property": "timeOfAvailability", "value": "09:30-08:00"},
        {"property": "retention", "value": 3, "unit": "y"},
    ],
    "customProperties": [{"property": "costCentre", "value": 12}],
    "schema": [
        {
            "name": "orders",
            "logicalType": "object",
            "properties": [
                {"name": "id", "logicalType": "integer", "required": True, "unique": True, "primaryKey": True},
                {"name": "placed_on", "logicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-dd"}},
                {
                    "name": "address",
                    "logicalType": "object",
                    "properties": [{"name": "street", "logicalType": "string"}],
                },
            ],
            "quality": [{"metric": "rowCount", "mustBeBetween": [1, 900]}],
        },
        {
            "name": "lines",
            "properties": [{"name": "price", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}}],
            "quality": [{"type": "sql", "query": "SELECT 1", "mustBe": 0, "name": "Totals agree"}],
        },
    ],
}

EXAMPLES = [
    ("a document with the required members only", SMALLEST),
    ("a document of v3.0: the team is a list, rules have their old names", OLDER),
    ("a document of v3.1: two objects, two servers, everything that a contract may say", NEWER),
]


@pytest.mark.parametrize(("sentence", "document"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_a_whole_document_imports_and_exports_again(sentence, document, odcs_schema, tmp_path):
    assert faults(odcs_schema, document) == []
    path = tmp_path / "given.odcs.yaml"
    path.write_text(format_yaml(document), encoding="utf-8")
    contracts, _ = read_odcs(path)
    assert len(contracts) == len(document.get("schema", [1]))
    for contract in contracts:
        exported = to_odcs(contract)
        assert faults(odcs_schema, exported) == []
        assert to_odcs(from_odcs(exported, where="x", known=known).contracts[0]) == exported


def foreign(*, properties=(), quality=(), **top):
    described = {"name": "Air Quality", "properties": list(properties), "quality": list(quality)}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "version": "1.0.0",
        "status": "active",
        "name": "city",
        "schema": [described],
    } | top


def one(document):
    imported = from_odcs(document, where="f", known=known)
    (contract,) = imported.contracts
    rules = [raw for suite in contract.suites for raw in suite.expectations]
    return contract, [(raw["type"].removeprefix("expect_"), raw["kwargs"]) for raw in rules], imported.notes


RULES = [
    ("no nulls", {"metric": "nullValues", "mustBe": 0}, [("column_values_to_not_be_null", {})]),
    (
        "nulls in at most five percent",
        {"metric": "nullValues", "mustBeLessOrEqualTo": 5, "unit": "percent"},
        [("column_values_to_not_be_null", {"mostly": 0.95})],
    ),
    (
        "no nulls, as less than one row",
        {"metric": "nullValues", "mustBeLessThan": 1},
        [("column_values_to_not_be_null", {})],
    ),
    ("no duplicates", {"metric": "duplicateValues", "mustBe": 0}, [("column_values_to_be_unique", {})]),
    (
        "valid values, of which null is none",
        {"metric": "invalidValues", "arguments": {"validValues": ["a", None]}, "mustBe": 0},
        [("column_values_to_be_in_set", {"value_set": ["a"]})],
    ),
    (
        "a pattern",
        {"metric": "invalidValues", "arguments": {"pattern": "^a"}, "mustBe": 0},
        [("column_values_to_match_regex", {"regex": "^a"})],
    ),
    (
        "missing values by several words become two rules",
        {"metric": "missingValues", "arguments": {"missingValues": [None, "n/a"]}, "mustBe": 0},
        [("column_values_to_not_be_null", {}), ("column_values_to_not_be_in_set", {"value_set": ["n/a"]})],
    ),
    (
        "an expectation",
        {
            "type": "custom",
            "engine": "great-expectations",
            "implementation": {"expectation_type": "expect_column_values_to_be_null", "kwargs": {}},
        },
        [("column_values_to_be_null", {})],
    ),
    (
        "the word of v3.0 for duplicates",
        {"rule": "duplicateCount", "mustBe": 0},
        [("column_values_to_be_unique", {})],
    ),
]


@pytest.mark.parametrize(("sentence", "item", "expected"), RULES, ids=[r[0] for r in RULES])
def test_a_rule_with_a_matching_expectation_is_judged(sentence, item, expected):
    _, rules, _ = one(foreign(properties=[{"name": "status", "quality": [item]}]))
    assert rules == [(kind, {"column": "status", **kwargs}) for kind, kwargs in expected]


WORDS = [
    ("a query without a bound", {"type": "sql", "query": "select 1"}),
    ("a query with a bound that is a text", {"type": "sql", "query": "select 1", "mustBe": "none"}),
    ("an operator that the standard does not have", {"type": "sql", "query": "select 1", "mustResemble": 1}),
    ("a rule in SQL without a query", {"type": "sql", "mustBe": 0}),
    ("plain text", {"type": "text", "description": "must be nice"}),
    ("another engine", {"type": "custom", "engine": "soda", "implementation": "x"}),
    (
        "an expectation that fetches values",
        {"type": "custom", "engine": "gx", "implementation": {"type": "unexpected_rows_expectation"}},
    ),
    ("a number of rows without a total", {"metric": "nullValues", "mustBeLessThan": 100}),
    ("a bound from below on what is wrong", {"metric": "nullValues", "mustBeGreaterThan": 1}),
    ("a bound that is no number", {"metric": "rowCount", "mustBe": "many"}),
    ("no bound at all", {"metric": "duplicateValues"}),
    ("a metric that nobody knows", {"metric": "freshness", "mustBe": 0}),
]


@pytest.mark.parametrize(("sentence", "item"), WORDS, ids=[w[0] for w in WORDS])
def test_a_rule_without_a_matching_expectation_is_noted_and_kept(sentence, item):
    document = foreign(properties=[{"name": "status", "quality": [item]}])
    contract, rules, notes = one(document)
    assert rules == []
    assert [n.where for n in notes if n.outcome is ImportOutcome.WORDS and n.kind.endswith("rule")] == [
        "schema.Air Quality.status.quality[0]"
    ]
    assert item in to_odcs(contract)["schema"][0]["properties"][0]["quality"]


ISO_DATE = (
    r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|\d{4}-(0[13-9]|1[0-2])-(29|30)|\d{4}-(0[13578]|1[02])-31"
    r"|(\d{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$"
)
PROPERTIES = [
    ("required", {"required": True}, [("column_values_to_not_be_null", {})]),
    ("unique", {"unique": True}, [("column_values_to_be_unique", {})]),
    (
        "required, and said by a rule as well",
        {"required": True, "quality": [{"metric": "nullValues", "mustBe": 0}]},
        [("column_values_to_not_be_null", {})],
    ),
    (
        "an integer in text has a form",
        {"logicalType": "integer"},
        [("column_values_to_match_regex", {"regex": r"^[+-]?\d+$"})],
    ),
    (
        "a date in text has the form it states",
        {"logicalType": "date", "logicalTypeOptions": {"format": "yyyy-MM-dd"}},
        [("column_values_to_match_regex", {"regex": ISO_DATE})],
    ),
    (
        "a date in text without a form is one of ISO 8601",
        {"logicalType": "date"},
        [("column_values_to_match_regex", {"regex": ISO_DATE})],
    ),
    (
        "a truth value in text",
        {"logicalType": "boolean"},
        [("column_values_to_match_regex", {"regex": "^([Tt]rue|TRUE|[Ff]alse|FALSE|[01])$"})],
    ),
    (
        "lengths and a pattern",
        {"logicalType": "string", "logicalTypeOptions": {"maxLength": 9, "pattern": "^A"}},
        [
            ("column_values_to_match_regex", {"regex": "^A"}),
            ("column_value_lengths_to_be_between", {"max_value": 9}),
        ],
    ),
    (
        "dates can be compared as text",
        {"logicalType": "date", "logicalTypeOptions": {"exclusiveMinimum": "2020-01-01"}},
        [
            ("column_values_to_match_regex", {"regex": ISO_DATE}),
            ("column_texts_to_be_between", {"min_value": "2020-01-01", "strict_min": True}),
        ],
    ),
    (
        "numbers in text are compared as numbers",
        {"logicalType": "integer", "logicalTypeOptions": {"minimum": 18, "exclusiveMaximum": 120}},
        [
            (
                "column_texts_to_be_between",
                {"min_value": 18, "max_value": 120, "strict_max": True, "compare_as": "number"},
            ),
            ("column_values_to_match_regex", {"regex": r"^[+-]?\d+$"}),
        ],
    ),
]


@pytest.mark.parametrize(("sentence", "prop", "expected"), PROPERTIES, ids=[p[0] for p in PROPERTIES])
def test_flags_and_types_of_a_property_are_judged(sentence, prop, expected):
    _, rules, _ = one(foreign(properties=[{"name": "c"} | prop]))
    assert rules == [(kind, {"column": "c", **kwargs}) for kind, kwargs in expected]


FORMS = [
    ("yyyy-MM-dd", ["2024-02-29", "1999-12-31"], ["2023-02-29", "2022-04-31", "22-01-01", "2022-01-01T00:00"]),
    ("dd/MM/yyyy", ["29/02/2000", "31/01/2022"], ["29/02/1900", "31/06/2022", "1/1/2022"]),
    ("yyyyMMdd", ["20220131"], ["20220132", "2022-01-31"]),
    ("yyyy-MM-dd'T'HH:mm:ss", ["2022-01-31T23:59:59"], ["2022-01-31 23:59:59", "2022-01-31T24:00:00"]),
]


@pytest.mark.parametrize(("form", "right", "wrong"), FORMS, ids=[row[0] for row in FORMS])
def test_a_form_of_dates_holds_the_days_of_the_calendar(form, right, wrong):
    prop = {"name": "c", "logicalType": "timestamp", "logicalTypeOptions": {"format": form}}
    _, ((_, kwargs),), _ = one(foreign(properties=[prop]))
    assert [text for text in (*right, *wrong) if re.match(kwargs["regex"], text)] == right


def test_a_bound_in_the_form_of_its_column_is_compared_as_a_date():
    options = {"format": "dd-MM-yyyy", "minimum": "31-01-2020", "maximum": "2022-12-31"}
    _, rules, _ = one(foreign(properties=[{"name": "c", "logicalType": "date", "logicalTypeOptions": options}]))
    assert rules[1] == (
        "column_texts_to_be_between",
        {"column": "c", "min_value": "2020-01-31", "max_value": "2022-12-31", "compare_as": "dd-MM-yyyy"},
    )


def test_a_rule_in_sql_knows_its_table_and_the_types_of_its_columns():
    query = "SELECT COUNT(*) FROM ${object} JOIN air_q USING (day) WHERE {property} < 0"
    options = {"format": "dd-MM-yyyy"}
    rule = {"type": "sql", "query": query, "mustBe": 0, "name": "not negative"}
    document = foreign(
        properties=[
            {"name": "no2", "logicalType": "number", "quality": [rule]},
            {"name": "day", "logicalType": "date", "logicalTypeOptions": options},
            {"name": "o3", "logicalType": "number"},
        ]
    )
    document["schema"][0]["physicalName"] = "air_q"
    contract, rules, _ = one(document)
    asked = 'SELECT COUNT(*) FROM delivery JOIN air_q USING (day) WHERE "no2" < 0'
    assert rules[0] == ("query_number_to_be", {"query": asked, "mustBe": 0})
    meta = contract.suites[0].expectations[0]["meta"]
    assert meta["tables"] == ["air_q"]
    assert meta["read_as"] == {"no2": "number", "day": "date dd-MM-yyyy"}
    exported = to_odcs(contract)
    (said,) = (item for item in exported["schema"][0]["quality"] if item["type"] == "sql")
    assert (said["query"], said["mustBe"]) == (asked, 0)
    assert to_odcs(from_odcs(exported, where="x", known=known).contracts[0]) == exported


def test_a_postgres_server_becomes_a_table_source_with_a_login_from_the_environment():
    server = {"server": "prod", "type": "postgres", "host": "db", "port": 5432, "database": "d", "schema": "s"}
    properties = [{"name": "day", "logicalType": "date"}, {"name": "id", "primaryKey": True}]
    contract, _, notes = one(foreign(properties=properties, servers=[server]))
    assert contract.settings["source"] == {
        "kind": "table",
        "url": "postgresql+psycopg://${KETENWACHT_SOURCE_USER:-}:${KETENWACHT_SOURCE_PASSWORD:-}@db:5432/d",
        "table": "s.Air Quality",
        "period_column": "day",
    }
    assert contract.settings["key"] == "id"
    assert [n.kind for n in notes if n.outcome is ImportOutcome.FILLED] == ["source"]


def test_a_daily_time_becomes_a_schedule_and_other_levels_stay_words():
    levels = [
        {"property": "frequency", "value": 1, "unit": "d"},
        {"property": "timeOfAvailability", "value": "09:30-08:00"},
        {"property": "latency", "value": 4, "unit": "days"},
        {"property": "retention", "value": 3, "unit": "y"},
    ]
    contract, _, notes = one(foreign(slaProperties=levels))
    assert contract.settings["schedule"] == {"sla": "4d", "cron": "30 9 * * *"}
    assert {"slaProperties[3] retention"} <= {n.where for n in notes if n.outcome is ImportOutcome.WORDS}


def test_several_objects_become_several_feeds():
    document = foreign()
    document["schema"] = [{"name": "a"}, {"name": "b"}, {"name": "b"}]
    imported = from_odcs(document, where="f", known=known)
    assert [contract.feed for contract in imported.contracts] == ["city-a", "city-b", "city-b-2"]
    assert "several objects" in {note.kind for note in imported.notes}


@pytest.mark.parametrize(
    "document", [{}, {"kind": "DataContract", "apiVersion": "v2.2.2"}, {"kind": "x", "apiVersion": "v3.1.0"}]
)
def test_a_document_that_is_not_odcs_3_is_refused(document):
    with pytest.raises(ConfigError, match="ODCS v3"):
        from_odcs(document, where="f", known=known)


def test_an_expectation_without_an_id_cannot_be_exported(small):
    del small["rules"][0]["meta"]["check_id"]
    with pytest.raises(ConfigError, match="check_id"):
        to_odcs(samples.built(small))


def test_other_members_of_a_server_or_service_level_stay_with_it():
    server = {
        "server": "main",
        "type": "local",
        "path": "in/",
        "format": "csv",
        "description": "The landing zone.",
    }
    levels = [
        {"property": "frequency", "value": "0 7 * * mon-fri", "unit": "cron", "driver": "regulatory"},
        {"property": "latency", "value": 4, "unit": "d", "element": "a.b"},
    ]
    document = to_odcs(one(foreign(servers=[server], slaProperties=levels))[0])
    assert [s.get("description") for s in document["servers"]] == ["The landing zone."]
    said = {level["property"]: level for level in document["slaProperties"]}
    assert said["frequency"]["driver"] == "regulatory"
    assert (said["latency"]["value"], said["latency"]["element"]) == (4, "a.b")
    assert "value" not in str(one(foreign(slaProperties=levels))[0].terms["slaProperties"])


def test_a_server_that_cannot_be_read_is_kept_beside_the_filled_in_one():
    server = {"server": "production", "type": "kafka", "host": "h"}
    document = to_odcs(one(foreign(servers=[server]))[0])
    assert [(s["server"], s["type"]) for s in document["servers"]] == [
        ("production", "local"),
        ("production-given", "kafka"),
    ]
