"""The weighted checksum gives one answer on every engine, and that of plain arithmetic."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.measure.sql_table import WorkspaceTable, open_workspace

pytestmark = pytest.mark.integration
WEIGHTS, MODULUS = [9, 8, 7, 6, 5, 4, 3, 2, -1], 11
VALID = "999900018"
DIGITS = st.text(alphabet="0123456789", min_size=8, max_size=10)
TEXTS = st.lists(st.one_of(st.just(VALID), DIGITS, st.text(max_size=10)), min_size=1, max_size=40)


def plain(text):
    """The eleven test of a citizen service number as it is written down."""
    if len(text) != 9 or not text.isascii() or not text.isdigit() or text == "000000000":
        return False
    return (sum((9 - i) * int(text[i]) for i in range(8)) - int(text[8])) % 11 == 0


@pytest.fixture(scope="module")
def condition(library):
    """The library's own SQL of the condition, for a dialect by name."""
    import sqlalchemy as sa  # noqa: PLC0415 - heavy

    from ketenwacht.measure.gx_engine import DatasetExecutionEngine  # noqa: PLC0415 - after the library

    def unexpected(engine):
        configuration = library.validator.metric_configuration.MetricConfiguration(
            "column_values.pass_weighted_checksum.unexpected_count",
            {"column": "text", "batch_id": "delivery"},
            {"weights": WEIGHTS, "modulus": MODULUS},
        )
        calculator = library.validator.metrics_calculator.MetricsCalculator(engine, show_progress_bars=False)
        return calculator.get_metric(configuration)

    def on_duckdb(texts):
        with open_workspace() as connection:
            connection.execute("CREATE TABLE delivery (text VARCHAR)")
            connection.execute("INSERT INTO delivery SELECT unnest(?)", [texts])
            return unexpected(DatasetExecutionEngine(WorkspaceTable(connection)))

    def on_sqlite(texts):
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE delivery (text VARCHAR)")
        connection.executemany("INSERT INTO delivery VALUES (?)", [(text,) for text in texts])
        connection.commit()
        engines = library.execution_engine
        pool = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.StaticPool)
        engine = engines.SqlAlchemyExecutionEngine(engine=pool)
        data = engines.sqlalchemy_batch_data.SqlAlchemyBatchData(engine, table_name="delivery")
        engine.load_batch_data("delivery", data)
        return unexpected(engine)

    def on_pandas(texts):
        import pandas as pd  # noqa: PLC0415 - heavy

        engine = library.execution_engine.PandasExecutionEngine()
        engine.load_batch_data("delivery", pd.DataFrame({"text": pd.Series(texts, dtype=object)}))
        return unexpected(engine)

    return {"duckdb": on_duckdb, "sqlite": on_sqlite, "pandas": on_pandas}


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "pandas"])
def test_every_engine_counts_what_plain_arithmetic_does(condition, engine):
    @settings(max_examples=25, deadline=None)
    @given(texts=TEXTS.filter(lambda texts: not any("\0" in text or text.strip() != text for text in texts)))
    def counts(texts):
        assert condition[engine](texts) == sum(not plain(text) for text in texts)

    counts()
