"""Export as ODCS and import again: every contract comes back complete."""

import json

import contract_samples as samples
import pytest
from contract_generated import contracts, documents
from hypothesis import HealthCheck, given, settings

from ketenwacht.contract import format_yaml, from_odcs, to_odcs
from ketenwacht.contract.trees import overlay, subtract
from ketenwacht.measure.suite import KNOWN
from ketenwacht.workflows.contracts import import_odcs, load_contract

pytestmark = pytest.mark.integration


def known(kind):
    return kind in KNOWN


def again(document):
    (contract,) = from_odcs(document, where="x", known=known).contracts
    return contract


@settings(max_examples=120, deadline=None)
@given(contracts())
def test_an_exported_contract_imports_and_exports_unchanged(contract):
    document = to_odcs(contract)
    imported = from_odcs(document, where="x", known=known)
    (back,) = imported.contracts
    assert {note.kind for note in imported.notes} <= {"service level"}  # a promise that nothing measures
    assert to_odcs(back) == document
    assert back.feed == contract.feed
    assert {s.name: sorted(map(_canonical, s.expectations)) for s in back.suites} == {
        s.name: sorted(map(_canonical, s.expectations)) for s in contract.suites
    }
    assert back.checks == contract.checks
    assert back.codes == contract.codes
    assert {**back.settings, "schedule": None} == {**contract.settings, "schedule": None}
    assert contract.settings["schedule"].items() <= back.settings["schedule"].items()


def _canonical(tree):
    return json.dumps(tree, sort_keys=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contract=contracts())
def test_an_import_written_to_files_exports_the_same_text(contract, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    text = format_yaml(to_odcs(contract))
    (folder / "given.yaml").write_text(text, encoding="utf-8")
    import_odcs(folder / "given.yaml", folder / "in", trusted=True)
    assert format_yaml(to_odcs(load_contract(folder / "in" / "config.yaml", None))) == text


@settings(max_examples=150, deadline=None)
@given(documents(), documents())
def test_overlay_restores_what_subtract_removed(whole, base):
    assert contains(overlay(base, subtract(whole, base)), whole)


def contains(more, less):
    """Return whether `more` holds all of `less`: members of mappings, items of lists of mappings, values."""
    if isinstance(less, dict) and isinstance(more, dict):
        return all(key in more and contains(more[key], value) for key, value in less.items())
    if isinstance(less, list) and less and all(isinstance(item, dict) for item in less):
        return all(any(contains(one, item) for one in more) for item in less)
    return less in (more, [])


@pytest.mark.parametrize("drop", ["codes", "terms", "rules"])
def test_a_contract_without_a_part_comes_back(drop, small):
    small[drop] = type(small[drop])()
    document = to_odcs(samples.built(small))
    assert to_odcs(again(document)) == document


def test_two_suites_stay_two(small):
    contract = samples.built(small)
    first, second = contract.suites[0].expectations[:2], contract.suites[0].expectations[2:]
    suite = type(contract.suites[0])
    both = (suite(name="a", expectations=first, rest={"notes": "n"}), suite(name="b", expectations=second))
    document = to_odcs(samples.replaced(contract, suites=both))
    assert [(s.name, len(s.expectations), s.rest) for s in again(document).suites] == [
        ("a", 2, {"notes": "n"}),
        ("b", 3, {}),
    ]
    assert to_odcs(again(document)) == document


def test_a_flag_added_to_our_export_becomes_a_rule(small):
    document = to_odcs(samples.built(small))
    document["schema"][0]["properties"][1]["required"] = True
    found = [raw["type"] for raw in again(document).suites[0].expectations]
    assert found.count("expect_column_values_to_not_be_null") == 3


def test_terms_cannot_make_a_column_required(small):
    small["terms"]["schema"][0]["properties"][1]["required"] = True
    assert "required" not in to_odcs(samples.built(small))["schema"][0]["properties"][2]


def test_of_two_items_with_one_name_the_second_stays_the_second():
    whole = {"quality": [{"name": "a", "x": 1}, {"name": "a", "x": 2}]}
    base = {"quality": [{"name": "a", "x": 1}]}
    assert overlay(base, subtract(whole, base)) == whole
