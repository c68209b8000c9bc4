"""Every expectation of the sample feed passes on clean rows, and fails on the one fault it is there for."""

import json
from pathlib import Path

import pytest

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.measure.suite import read_suite, summary
from ketenwacht.measure.suite_lint import lint

SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"
IDS = [expectation.id for expectation in summary(SUITE)]

ASYLUM, FAMILY = "asylum", "family"
FAULTS = [
    ("a kind of change is missing", "mutatiesoort-present", FAMILY, {"mutatiesoort": None}),
    ("an alien number is missing", "v-nummer-present", FAMILY, {"v_nummer": None}),
    ("an unknown date of birth became null", "geboortedatum-present", ASYLUM, {"geboortedatum": None}),
    ("a target group is missing", "doelgroep-present", FAMILY, {"doelgroep": None}),
    ("a purpose is missing", "verblijfsdoel-present", FAMILY, {"verblijfsdoel": None}),
    ("a date made known is missing", "datum-bekendmaking-present", FAMILY, {"datum_bekendmaking": None}),
    ("an asylum permit holder is nowhere", "asylum-has-place", ASYLUM, {"coa_locatie": None}),
    ("a family migrant has no sponsor", "family-has-sponsor", FAMILY, {"referent_v_nummer": None}),
    ("a municipality without a postcode", "municipality-has-postcode", FAMILY, {"postcode": None}),
    ("an integer lost its leading zero", "v-nummer-form", FAMILY, {"v_nummer": "123456789"}),
    ("a line end is part of the number", "v-nummer-form", FAMILY, {"v_nummer": "0123456789\n"}),
    ("a sponsor's number has letters", "referent-v-nummer-form", FAMILY, {"referent_v_nummer": "V123456789"}),
    ("two digits of a BSN are swapped", "bsn-elfproef", ASYLUM, {"bsn": "999900081"}),
    ("a BSN has eight digits", "bsn-elfproef", ASYLUM, {"bsn": "99990001"}),
    ("a BSN is of zeros", "bsn-elfproef", ASYLUM, {"bsn": "000000000"}),
    ("a BSN has a letter", "bsn-elfproef", ASYLUM, {"bsn": "99990001B"}),
    ("a date of birth has dashes", "geboortedatum-form", ASYLUM, {"geboortedatum": "1980-05-01"}),
    (
        "a date of birth knows the day and not the month",
        "geboortedatum-form",
        ASYLUM,
        {"geboortedatum": "19800012"},
    ),
    ("a decision date is American", "datum-beschikking-form", ASYLUM, {"datum_beschikking": "06/20/2022"}),
    ("a date made known has the 32nd", "datum-bekendmaking-form", ASYLUM, {"datum_bekendmaking": "2022-05-32"}),
    ("a postcode has a space", "postcode-form", FAMILY, {"postcode": "1011 AB"}),
    ("an unknown kind of change", "mutatiesoort-known", FAMILY, {"mutatiesoort": "verwijdering"}),
    ("an unknown target group", "doelgroep-known", FAMILY, {"doelgroep": "kennismigrant"}),
    ("a purpose without a table entry", "verblijfsdoel-known", FAMILY, {"verblijfsdoel": "X99"}),
    ("a title without a table entry", "verblijfstitel-known", FAMILY, {"verblijfstitel": "99"}),
    ("a nationality of three digits", "nationaliteit-known", FAMILY, {"nationaliteit": "339"}),
    ("a municipality that has merged", "gemeentecode-known", FAMILY, {"gemeentecode": "0457"}),
    ("a municipality that does not exist yet", "gemeentecode-known", FAMILY, {"gemeentecode": "1992"}),
    ("mojibake in a location", "coa-locatie-known", ASYLUM, {"coa_locatie": "Sneek (SÃºdwest-FryslÃ¢n)"}),
    ("a sex in English", "geslacht-known", FAMILY, {"geslacht": "F"}),
    ("a Union-law stay is delivered", "no-union-law", FAMILY, {"verblijfstitel": "28"}),
    ("a person comes twice", "person-once", FAMILY, {"v_nummer": "0000000001"}),
    ("a line number repeats", "volgnummer-regel-unique", FAMILY, {"volgnummer_regel": "1"}),
    (
        "made known before it was decided",
        "made-known-after-decision",
        FAMILY,
        {"datum_bekendmaking": "2022-06-19"},
    ),
    ("under the earlier law", "datum-bekendmaking-range", FAMILY, {"datum_bekendmaking": "2021-12-31"}),
    ("made known tomorrow", "datum-bekendmaking-range", FAMILY, {"datum_bekendmaking": "2022-06-25"}),
]


def verdicts(measured, named, rows, **options):
    found = named(measured(rows, suites=(str(SUITE),), **options))
    return {check_id: found[f"expectation.{check_id}.met"] for check_id in IDS}, found


@pytest.mark.integration
@pytest.mark.parametrize("engine", ["folded", "stock"])
def test_clean_rows_meet_every_expectation(measured, named, feed_rows, engine):
    met, _ = verdicts(measured, named, feed_rows(), statements=engine)
    assert met == dict.fromkeys(IDS, 1.0)


@pytest.mark.integration
@pytest.mark.parametrize(("why", "check_id", "who", "changes"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_each_expectation_fails_when_it_should(measured, named, feed_rows, why, check_id, who, changes):
    rows = feed_rows()
    rows[0 if who == ASYLUM else 1] |= changes
    met, found = verdicts(measured, named, rows)
    assert met[check_id] == 0.0, why
    repeated = check_id in {"person-once", "volgnummer-regel-unique"}
    assert found[f"expectation.{check_id}.unexpected"] == (2.0 if repeated else 1.0)


@pytest.mark.integration
def test_a_renamed_column_fails_the_contract_and_is_no_verdict_on_its_values(measured, named, feed_rows):
    rows = [
        {("V_NUMMER" if name == "v_nummer" else name): value for name, value in row.items()} for row in feed_rows()
    ]
    met, _ = verdicts(measured, named, rows)
    assert met["columns-present"] == 0.0
    assert met["v-nummer-form"] == Unmeasured(Statement("unmeasured.no_column", {"column": Name("v_nummer")}))
    assert met["geboortedatum-form"] == 1.0


@pytest.mark.integration
def test_an_empty_delivery_passes_nothing_silently(measured, named, feed_columns):
    _, found = verdicts(measured, named, [], columns=feed_columns)
    evaluated = {name: value for name, value in found.items() if name.endswith(".evaluated")}
    assert evaluated.pop("expectation.columns-present.evaluated") == 1.0
    assert set(evaluated.values()) == {0.0}
    assert found["rows"] == 0.0


@pytest.mark.integration
@pytest.mark.parametrize("engine", ["folded", "stock"])
def test_a_field_left_empty_was_not_looked_at(measured, named, feed_rows, engine):
    _, found = verdicts(measured, named, feed_rows(), statements=engine)
    assert found["expectation.bsn-elfproef.evaluated"] == 1.0
    assert found["expectation.v-nummer-form.evaluated"] == 2.0


@pytest.mark.integration
def test_a_row_condition_that_meets_nobody_is_recorded_as_such(measured, named, feed_rows):
    _, found = verdicts(measured, named, feed_rows()[:1])
    assert found["expectation.family-has-sponsor.evaluated"] == 0.0


def test_every_expectation_has_a_fault_that_it_finds():
    assert {check_id for _, check_id, _, _ in FAULTS} | {"columns-present"} == set(IDS)


def test_the_suite_has_no_faults_itself(feed_columns):
    assert lint(SUITE, feed_columns) == []


def test_severity_is_used_meaningfully_and_everybody_has_an_owner():
    entries = read_suite(SUITE).entries
    assert {entry.raw["severity"] for entry in entries} == {"critical", "warning", "info"}
    assert all(entry.meta.get("owner") and entry.meta.get("title") for entry in entries)
    assert [entry.check_id for entry in entries if entry.meta.get("nature") == "privacy"] == ["no-union-law"]


@pytest.mark.integration
def test_plain_great_expectations_loads_the_suite(library):
    document = json.loads(SUITE.read_text(encoding="utf-8"))
    suite = library.ExpectationSuite(**document)
    assert [expectation.meta["check_id"] for expectation in suite.expectations] == IDS
    again = library.ExpectationSuite(**json.loads(json.dumps(suite.to_json_dict())))
    assert again.expectations == suite.expectations
