"""What the contract of another party may decide in a project, and what it may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ketenwacht.config.load import load_settings
from ketenwacht.contract import Contract, restrict
from ketenwacht.workflows.contracts import import_odcs

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-secret-1", "KETENWACHT_KEYS": "k1:secret-2"}
DOCUMENT = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "evil",
    "name": "Feed ${SLACK_BOT_TOKEN}",
    "version": "1.0.0",
    "status": "active",
    "servers": [
        {
            "server": "production",
            "type": "local",
            "format": "csv",
            "path": "/etc",
            "customProperties": [
                {"property": "ketenwacht.source", "value": {"pattern": "x_{date:%Y%m%d}.csv", "delimiter": "|"}}
            ],
        }
    ],
    "schema": [{"name": "evil", "properties": [{"name": "a", "logicalType": "string"}]}],
    "customProperties": [
        {
            "property": "ketenwacht.settings",
            "value": {
                "sender": "${KETENWACHT_KEYS}",
                "receiver": "x",
                "segments": [[]],
                "schedule": {"cron": "0 7 * * *"},
                "evidence": {"register": {"path": "/etc", "pattern": "{date:%Y%m%d}", "decided_column": "a"}},
            },
        }
    ],
}


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "evil.yaml"
    path.write_text(json.dumps(DOCUMENT))
    return path


def test_a_contract_names_no_variable_path_or_source(document, tmp_path):
    written = import_odcs(document, tmp_path / "out")
    settings = load_settings(tmp_path / "out/config.yaml", environ=SECRETS)
    (feed,) = settings.feeds.values()
    assert not any(secret in repr(settings) for secret in SECRETS.values())
    assert "${SLACK_BOT_TOKEN}" in str(feed.title), "it is kept as the text that it is"
    assert feed.sender == "${KETENWACHT_KEYS}"
    assert feed.source.path == "var/deliveries/evil"
    assert (feed.source.pattern, feed.source.delimiter) == ("x_{date:%Y%m%d}.csv", "|"), "of the files themselves"
    assert feed.evidence.register is None
    noted = {(note.where, note.outcome.value) for note in written.notes if note.kind == "trust"}
    assert noted == {("evidence", "left out"), ("source", "changed"), ("title", "changed"), ("sender", "changed")}


def test_a_contract_that_is_trusted_names_its_own(document, tmp_path):
    written = import_odcs(document, tmp_path / "out", trusted=True)
    (feed,) = load_settings(tmp_path / "out/config.yaml", environ=SECRETS).feeds.values()
    assert feed.source.path == "/etc"
    assert feed.sender == SECRETS["KETENWACHT_KEYS"]
    assert not [note for note in written.notes if note.kind == "trust"]


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("a database", {"kind": "table", "url": "postgresql://host/db", "table": "t", "period_column": "day"}),
        ("a program of its own", {"kind": "plugin", "path": "x"}),
        ("no source at all", None),
        ("names that lead out of the folder", {"kind": "files", "path": "in", "pattern": "../{date:%Y%m%d}.csv"}),
    ],
)
def test_any_other_source_becomes_a_folder_of_ours(sentence, source):
    contract, notes = restrict(Contract(feed="A feed", settings={"source": source}))
    expected = {"kind": "files", "path": "var/deliveries/a-feed", "pattern": "{date:%Y%m%d}.csv"}
    assert contract.settings["source"] == expected, sentence
    assert [note.where for note in notes] == ["source"]


def test_lists_and_mappings_are_looked_through():
    settings = {
        "notes": [{"why": ["${HOME}", "plain"]}],
        "source": {"kind": "files", "path": "var/deliveries/f", "pattern": "a"},
    }
    contract, notes = restrict(Contract(feed="f", settings=settings))
    assert contract.settings["notes"] == [{"why": ["$${HOME}", "plain"]}]
    assert [note.where for note in notes] == ["notes.why"]


def test_a_folder_that_is_ours_already_is_no_change(tmp_path: Path):
    source = {"kind": "files", "path": "var/deliveries/f", "pattern": "{date:%Y%m%d}.csv"}
    assert restrict(Contract(feed="f", settings={"source": source}))[1] == ()
