"""Rules in SQL see one delivery, reach nothing else, and only a number comes out."""

import json
import time

import pytest

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.statement import Statement
from ketenwacht.measure.query_rules import evaluate_queries
from ketenwacht.measure.sql_table import open_workspace
from ketenwacht.measure.suite import ExpectationOutcome
from ketenwacht.measure.suite_lint import lint

MET, NOT_MET = ExpectationOutcome(1.0, 0.0, met=True), ExpectationOutcome(1.0, 1.0, met=False)
META = {
    "tables": ["orders", "shop.orders", "prod.shop.orders", "a.b.c.d"],
    "read_as": {"AMOUNT": "number", "placed": "date dd-MM-yyyy", "paid": "boolean"},
}


@pytest.fixture
def evaluate():
    """Evaluate one query on three rows."""
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery (amount VARCHAR, placed VARCHAR, paid VARCHAR, code VARCHAR)")
        rows = [("10", "01-02-2022", "true", "007"), ("9", "31-12-2021", "false", "8"), ("?", None, None, "x")]
        connection.executemany("INSERT INTO delivery VALUES (?, ?, ?, ?)", rows)

        def run(query, *, seconds=10.0, **bounds):
            entry = {"kwargs": {"query": query, **(bounds or {"mustBe": 0})}, "meta": META}
            return evaluate_queries(connection, {"x": json.dumps(entry)}, seconds=seconds)["x"]

        yield run


ANSWERS = [
    ("a table by its own name", "SELECT COUNT(*) FROM orders", {"mustBe": 3}, MET),
    ("a name in any case, in a schema", "SELECT COUNT(*) FROM Shop.Orders", {"mustBe": 3}, MET),
    ("a name in a database", "SELECT COUNT(*) FROM prod.shop.orders", {"mustBe": 3}, MET),
    ("a placeholder that an import filled in", "SELECT COUNT(*) FROM delivery", {"mustBe": 3}, MET),
    ("numbers as numbers", "SELECT COUNT(*) FROM orders WHERE amount > 9.5", {"mustBe": 1}, MET),
    ("dates by their form", "SELECT COUNT(*) FROM orders WHERE placed < DATE '2022-01-01'", {"mustBe": 1}, MET),
    ("truth values", "SELECT COUNT(*) FROM orders WHERE paid", {"mustBe": 1}, MET),
    ("a column without a type stays text", "SELECT COUNT(*) FROM orders WHERE code = '007'", {"mustBe": 1}, MET),
    ("a common table expression", "WITH n AS (SELECT 2 AS i) SELECT i FROM n", {"mustBe": 2}, MET),
    ("a comment and a last semicolon", "/* all */ SELECT 3; -- done", {"mustBe": 3}, MET),
    ("another number", "SELECT 3", {"mustBe": 4}, NOT_MET),
    ("anything but a number", "SELECT 3", {"mustNotBe": 3}, NOT_MET),
    ("more than a bound", "SELECT 3", {"mustBeGreaterThan": 3}, NOT_MET),
    ("at least a bound", "SELECT 3", {"mustBeGreaterOrEqualTo": 3}, MET),
    ("less than a bound", "SELECT 3", {"mustBeLessThan": 3}, NOT_MET),
    ("at most a bound", "SELECT 3", {"mustBeLessOrEqualTo": 3}, MET),
    ("between, with its ends", "SELECT 3", {"mustBeBetween": [3, 4]}, MET),
    ("outside", "SELECT 3", {"mustNotBeBetween": [1, 3]}, NOT_MET),
    ("several bounds hold together", "SELECT 3", {"mustBeGreaterThan": 1, "mustBeLessThan": 3}, NOT_MET),
]


@pytest.mark.parametrize(("sentence", "query", "bounds", "expected"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_a_number_is_compared_with_its_bounds(evaluate, sentence, query, bounds, expected):
    assert evaluate(query, **bounds) == expected


def unmeasured(code):
    return Unmeasured(Statement(f"unmeasured.{code}"))


NO_NUMBER, REFUSED = unmeasured("query_no_number"), unmeasured("query_refused")
FORBIDDEN, NO_SQL = Unmeasured("PermissionException"), Unmeasured("ParserException")
UNSAFE = [
    ("a file", "SELECT COUNT(*) FROM read_csv('{file}')", FORBIDDEN),
    ("a file by its name alone", "SELECT COUNT(*) FROM '{file}'", FORBIDDEN),
    ("the text of a file", "SELECT length(content) FROM read_text('{file}')", FORBIDDEN),
    ("a list of files", "SELECT COUNT(*) FROM glob('/*')", FORBIDDEN),
    ("the network", "SELECT COUNT(*) FROM 'https://localhost/x.csv'", FORBIDDEN),
    ("a variable of this program", "SELECT COUNT(*) FROM META", Unmeasured("CatalogException")),
    ("a file to write", "COPY delivery TO '{file}.out'", REFUSED),
    ("a file to write inside a SELECT", "SELECT * FROM query('COPY delivery TO ''x''')", REFUSED),
    (
        "a log whose name is put together",
        "SELECT COUNT(*) FROM query/**/('FROM enable' || '_logging(storage=''stdout'')')",
        REFUSED,
    ),
    ("a log whose name is quoted", 'SELECT (SELECT COUNT(*) FROM main."Enable_Logging"())', REFUSED),
    ("text that is no Unicode", "SELECT '\ud800'", Unmeasured("TypeError")),
    ("a database to open", "ATTACH '{file}.db'", REFUSED),
    ("an extension", "INSTALL httpfs", REFUSED),
    ("an extension on this machine", "LOAD '{file}'", REFUSED),
    ("a setting", "SET memory_limit = '90GB'", REFUSED),
    ("a log on the console", "SELECT COUNT(*) FROM enable_logging(storage='stdout')", REFUSED),
    ("two statements", "SELECT 1; SELECT 2", REFUSED),
    ("rows to delete", "DELETE FROM orders", REFUSED),
    ("no statement", "-- nothing", REFUSED),
    ("no SQL", "count the orders", NO_SQL),
    ("a text", "SELECT code FROM delivery LIMIT 1", NO_NUMBER),
    ("rows", "SELECT 1 FROM orders", NO_NUMBER),
    ("two numbers", "SELECT 1, 2", NO_NUMBER),
    ("nothing", "SELECT SUM(1) FROM orders WHERE FALSE", NO_NUMBER),
    ("a number that is none", "SELECT CAST('nan' AS DOUBLE)", NO_NUMBER),
    ("a column that is not there", "SELECT COUNT(price) FROM orders", Unmeasured("BinderException")),
]


@pytest.mark.parametrize(("sentence", "query", "expected"), UNSAFE, ids=[row[0] for row in UNSAFE])
def test_a_query_reaches_nothing_but_the_delivery(evaluate, tmp_path, sentence, query, expected):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    assert evaluate(query.replace("{file}", str(secret))) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM range(1000000000000) t(i) WHERE hash(i) = 0",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT COUNT(*) FROM r",
    ],
)
def test_a_query_without_end_is_stopped(evaluate, query):
    assert evaluate(query, seconds=0.5) == unmeasured("took_time")
    assert evaluate("SELECT 0") == MET


@pytest.mark.integration
def test_a_query_that_cannot_be_interrupted_is_ended_with_its_process(evaluate):
    started = time.monotonic()
    found = evaluate("SELECT len(range(400000000))", seconds=1.0)
    assert found in {unmeasured("took_time"), Unmeasured("MemoryError")}
    assert time.monotonic() - started < 60.0
    assert evaluate("SELECT 0") == MET


READ = [
    ("a whole number", "7", "integer", 7, MET),
    ("a whole number written with a fraction of nothing", "7.0", "integer", 7, MET),
    (
        "a fraction is no whole number, and is not rounded to one",
        "1.5",
        "integer",
        2,
        Unmeasured(Statement("unmeasured.query_no_number")),
    ),
    ("a bound beyond what a fraction holds", "9007199254740993", "integer", 9007199254740992, NOT_MET),
]


@pytest.mark.parametrize(("sentence", "text", "kind", "bound", "expected"), READ, ids=[row[0] for row in READ])
def test_a_text_is_read_as_the_number_it_is(sentence, text, kind, bound, expected):
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT ? AS v", [text])
        entry = {"kwargs": {"query": "SELECT v FROM delivery", "mustBe": bound}, "meta": {"read_as": {"v": kind}}}
        assert evaluate_queries(connection, {"x": json.dumps(entry)})["x"] == expected


FORMS = [
    ("a T between date and time", "2022-01-01T10:00:00", "yyyy-MM-dd'T'HH:mm:ss", MET),
    (
        "a form that is not known leaves text",
        "2022-01-01T10:00:00.5Z",
        "yyyy-MM-dd'T'HH:mm:ss.SX",
        Unmeasured("BinderException"),
    ),
]


@pytest.mark.parametrize(("sentence", "text", "form", "expected"), FORMS, ids=[row[0] for row in FORMS])
def test_a_form_that_is_not_known_is_not_read_as_nothing(sentence, text, form, expected):
    query = "SELECT COUNT(*) FROM delivery WHERE hour(v) <> 10"
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT ? AS v", [text])
        entry = {"kwargs": {"query": query, "mustBe": 0}, "meta": {"read_as": {"v": f"timestamp {form}"}}}
        assert evaluate_queries(connection, {"x": json.dumps(entry)})["x"] == expected


def test_lint_names_the_faults_of_a_rule_in_sql(tmp_path):
    kwargs = [
        {"query": "SELECT 1"},
        {"query": "SELECT 1", "mustBe": "x"},
        {"query": "SELECT 1", "mustBeBetween": 3},
    ]
    path = tmp_path / "s.json"
    listed = [
        {"type": "expect_query_number_to_be", "kwargs": one, "meta": {"check_id": f"q{number}"}}
        for number, one in enumerate(kwargs)
    ]
    path.write_text(json.dumps({"name": "s", "expectations": listed}), encoding="utf-8")
    assert [fault.what for fault in lint(path)] == [
        "the rule has no bound",
        "the bound of mustBe is not a number",
        "the bound of mustBeBetween is not two numbers",
    ]


def test_the_outcome_of_a_query_is_that_of_its_expectation(measured, tmp_path):
    path = tmp_path / "s.json"
    entry = {
        "type": "expect_query_number_to_be",
        "kwargs": {"query": "SELECT COUNT(*) FROM delivery WHERE code IS NULL", "mustBe": 0},
        "meta": {"check_id": "no-empty-code"},
    }
    path.write_text(json.dumps({"name": "s", "expectations": [entry]}), encoding="utf-8")
    found = {
        key.name: value for key, value in measured([{"code": "a"}, {"code": None}], suites=(str(path),)).items()
    }
    assert found["expectation.no-empty-code.met"] == 0.0
    assert found["expectation.no-empty-code.unexpected"] == 1.0
