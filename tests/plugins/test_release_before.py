"""A plug-in package written for the release before: it installs, judges and sends, and is told the new names."""

from __future__ import annotations

import json
from datetime import date

import pytest
from plugged import OF_THE_RELEASE_BEFORE, install_example, plugged_project

from ketenwacht import plugin_api
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.plugins.renamed import METHODS, find_method

NAMES = json.loads((OF_THE_RELEASE_BEFORE / "names.json").read_text(encoding="utf-8"))
"""Name that the release before exported → the attributes of the class, and {} for anything else."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before")
    install_example(folder / "site", folder / "built", OF_THE_RELEASE_BEFORE)
    return {"PYTHONPATH": str(folder / "site"), "PYTHONWARNINGS": "default::DeprecationWarning"}


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("sentence", "feed", "warned"),
    [
        (
            "its source, engine and check judge",
            "zipped",
            [
                "ketenwacht.plugin_api.Copying is now CopyEngine",
                "ketenwacht.plugin_api.Ground is now Dataset",
                "ketenwacht.plugin_api.Traits is now CheckTraits",
                "CopyEngine.opened is now open",
                "CopiedDataset.set_apart is now exclude",
            ],
        ),
        (
            "its format and check judge",
            "lists",
            ["ketenwacht.plugin_api.Format is now FileFormat", "ketenwacht.plugin_api.Rows is now FileRows"],
        ),
    ],
)
def test_a_package_of_the_release_before_works_and_warns(tmp_path, site, sentence, feed, warned):
    project = plugged_project(tmp_path / "p")
    done = project.run("check", feed, "--format", "json", env=site)
    assert done.code == 1, done.err
    *runs, _summary = [json.loads(line) for line in done.out.splitlines()]
    statuses = [[r["status"] for r in run["results"] if r["check"] == "least"] for run in runs]
    assert statuses == [["passed", "passed"], ["passed", "passed"], ["failed", "failed"]]
    assert len((tmp_path / "p/var/alerts.jsonl").read_text().splitlines()) == 1
    for text in warned:
        assert f"DeprecationWarning: {text}" in done.err


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_name_of_the_release_before_is_there(name):
    kind = getattr(plugin_api, name)
    parts = [vars(one) for one in getattr(kind, "__mro__", ())]  # dir() leaves out what an enumeration computes
    here = {name for part in parts for name in (*part, *part.get("__annotations__", ()))} | {*METHODS.values()}
    assert [one for one in NAMES[name] if one not in here] == []


class OldDataset:
    """As a plug-in of the release before has it."""

    def set_apart(self, keys, groupings):
        return {keys: groupings}


def test_a_method_with_its_old_name_is_called_with_a_warning():
    with pytest.warns(DeprecationWarning, match=r"method OldDataset\.set_apart is now exclude"):
        assert find_method(OldDataset(), "exclude")("a", "b") == {"a": "b"}
    with pytest.raises(AttributeError, match="open"):
        find_method(OldDataset(), "open")


def test_an_attribute_is_read_by_its_old_name_with_a_warning():
    window = ExclusionWindow(date(2024, 1, 1), date(2024, 1, 31), "a pause")
    with pytest.warns(DeprecationWarning, match=r"Past\.masks is now exclusions"):
        assert Past((), (window,)).masks == (window,)
    with pytest.warns(DeprecationWarning, match=r"Past\.masked is now excluded"):
        assert Past((), (window,)).masked().tolist() == []


def test_a_name_that_never_was_is_no_name():
    with pytest.raises(AttributeError, match="no attribute 'Station'"):
        _ = plugin_api.Station
