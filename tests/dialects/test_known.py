"""The dialects: each file is listed, each text is SQL, and statements are written as a database reads them."""

import importlib
import pkgutil

import pytest
import sqlalchemy as sa

from ketenwacht import dialects
from ketenwacht.dialects import BUILT_IN, Dialect, find_dialect, list_dialects
from ketenwacht.dialects.spark import SPARK

APART = {"base", "known"}


def test_each_file_of_a_dialect_is_listed():
    found = {
        value.name
        for module in pkgutil.iter_modules(dialects.__path__)
        if module.name not in APART
        for value in vars(importlib.import_module(f"ketenwacht.dialects.{module.name}")).values()
        if isinstance(value, Dialect)
    }
    assert found == {dialect.name for dialect in BUILT_IN}
    assert list_dialects() == sorted(found)


def test_a_dialect_is_found_by_the_name_of_sqlalchemy():
    assert all(find_dialect(dialect.name) is dialect for dialect in BUILT_IN)
    assert find_dialect("mysql").name == "mariadb"
    assert find_dialect("sibyl") is None


@pytest.mark.parametrize("dialect", BUILT_IN, ids=lambda one: one.name)
def test_it_compiles_complete_statements_without_a_driver(dialect):
    statement = sa.select(sa.column("a b")).where(sa.column("x").like("10%"), sa.func.length(sa.column("x")) == 2)
    text = str(statement.compile(dialect=dialect.compiler(), compile_kwargs={"literal_binds": True}))
    assert "10%'" in text, "a percent sign is not doubled"
    assert dialect.row_hash.count("{rows}") == 1


@pytest.mark.parametrize(
    ("sentence", "standard", "spark"),
    [
        ("names are in backticks", 'SELECT "a" FROM "b c"', "SELECT `a` FROM `b c`"),
        ("a quote in a name", 'SELECT "a""b`c"', 'SELECT `a"b``c`'),
        ("a quote in a text", "SELECT 'it''s'", "SELECT 'it\\'s'"),
        ("a backslash is a backslash", "SELECT '\\d\\'", "SELECT '\\\\d\\\\'"),
        ("a name in a text is a text", 'SELECT \'say "a"\', "b"', "SELECT 'say \"a\"', `b`"),
        ("a text in a name is a name", "SELECT \"it's\", 'x'", "SELECT `it's`, 'x'"),
    ],
)
def test_a_statement_is_written_as_spark_reads_it(sentence, standard, spark):
    assert SPARK.respell(standard) == spark, sentence


def test_a_database_without_filter_counts_by_case():
    mariadb = find_dialect("mariadb")
    assert mariadb.count_if("a > 1") == "COUNT(CASE WHEN a > 1 THEN 1 END)"
    assert mariadb.sum_if("n", "a > 1") == "SUM(CASE WHEN a > 1 THEN n END)"
    assert SPARK.count_if("a > 1") == "COUNT(*) FILTER (WHERE a > 1)"
