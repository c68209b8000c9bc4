import importlib
import warnings
from datetime import date

import pytest

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, MetricKey
from ketenwacht.measure.engine import CopiedDataset
from ketenwacht.measure.measure import MeasurementPlan, measure
from ketenwacht.measure.sql_table import open_workspace
from ketenwacht.sql import TABLE, quote_name

COLUMNS = (
    *("volgnummer_regel", "mutatiesoort", "v_nummer", "bsn", "geboortedatum", "geslacht", "nationaliteit"),
    *("verblijfstitel", "verblijfsdoel", "doelgroep", "datum_beschikking", "datum_bekendmaking"),
    *("ingangsdatum_verblijfsrecht", "gemeentecode", "coa_locatie", "referent_v_nummer", "postcode"),
)

ASYLUM = {
    "mutatiesoort": "inwilliging",
    "v_nummer": "0000000001",
    "bsn": "999900018",
    "geboortedatum": "19800500",
    "geslacht": "M",
    "nationaliteit": "0336",
    "verblijfstitel": "26",
    "verblijfsdoel": "A10",
    "doelgroep": "asielstatushouder",
    "datum_beschikking": "2022-06-20",
    "datum_bekendmaking": "2022-06-21",
    "ingangsdatum_verblijfsrecht": "2022-01-01",
    "gemeentecode": None,
    "coa_locatie": "Almere",
    "referent_v_nummer": None,
    "postcode": None,
}
FAMILY = ASYLUM | {
    "v_nummer": "0000000002",
    "bsn": None,
    "geslacht": "V",
    "nationaliteit": "0339",
    "verblijfstitel": "21",
    "verblijfsdoel": "G20",
    "doelgroep": "gezinsmigrant",
    "gemeentecode": "0363",
    "coa_locatie": None,
    "referent_v_nummer": "0123456789",
    "postcode": "1011AB",
}


def load(connection, columns, rows):
    """Load rows as a CSV reader would: every column text, an empty field null."""
    connection.execute(f"CREATE TABLE {TABLE} ({', '.join(f'{quote_name(c)} VARCHAR' for c in columns)})")
    if rows:
        marks = ", ".join("(" + ", ".join("?" for _ in columns) + ")" for _ in rows)
        connection.execute(f"INSERT INTO {TABLE} VALUES {marks}", [cell for row in rows for cell in row])  # noqa: S608 - marks only


@pytest.fixture
def measured():
    """Measure rows (dictionaries) in a workspace of their own; gives name → measurement of the whole feed."""

    def run(rows, *, columns=None, period=date(2022, 6, 24), **plan):
        names = list(columns if columns is not None else rows[0])
        with open_workspace() as connection:
            load(connection, names, [[row.get(name) for name in names] for row in rows])
            return measure(
                CopiedDataset(connection, tuple(Column(name, "text") for name in names)),
                Delivery("feed", "1", period),
                MeasurementPlan(**plan),
            )

    return run


@pytest.fixture
def feed_rows():
    """A function that gives clean rows of the sample feed, one of each sort, changed where asked."""

    def rows(*, asylum=None, family=None):
        both = [ASYLUM | (asylum or {}), FAMILY | (family or {})]
        return [{"volgnummer_regel": str(i)} | row for i, row in enumerate(both, start=1)]

    return rows


@pytest.fixture
def feed_columns():
    return COLUMNS


@pytest.fixture
def named():
    """A function that gives name → measurement of the whole feed."""

    def whole(measurements):
        return {key.name: value for key, value in measurements.items() if key == MetricKey(key.name)}

    return whole


@pytest.fixture(scope="session")
def library():
    """Great Expectations with our own expectation, imported once; it uses a module that Python will drop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        importlib.import_module("ketenwacht.measure.gx_suite")
        return importlib.import_module("great_expectations")


@pytest.fixture
def load_rows():
    """A function that loads rows as a CSV reader would."""
    return load
