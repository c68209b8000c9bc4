"""A past verdict comes out again to the last bit, whatever changed since; and a tampered history does not."""

import sqlite3
from contextlib import closing

import pytest
from replayed import configured

pytestmark = pytest.mark.integration


def changed(path, statement, *values):
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(statement, values).rowcount != 0


def test_every_verdict_of_a_replay_comes_out_the_same(place):
    said = place("reproduce", "--replay")
    assert (said.code, said.err) == (0, "")
    assert "13 of 13 verdicts came out exactly the same" in said.out


def test_deliveries_registers_and_files_of_evidence_are_not_needed(place):
    (place.root / "var/sample").rename(place.root / "var/gone")
    assert place("reproduce", "--replay", "--limit", "1").code == 0


def test_what_is_configured_brought_in_or_declared_since_changes_no_past_verdict(place):
    place.go_live()
    checks = place.root / "checks/ind_duo.yaml"
    checks.write_text(checks.read_text().replace("bsn: 0.6", "bsn: 0.99"))
    figures = place.root / "new.csv"
    figures.write_text(
        "period_from;period_to;doelgroep;count;uncertainty;published_on;source\n"
        "2022-01-03;2022-01-09;gezinsmigrant;999;0.02;2022-01-10;somebody else\n"
    )
    attribution = ("--why", "a test")
    assert place("reference", "import", str(figures), *attribution).code == 0
    span = ("--from", "2022-01-04", "--to", "2022-01-12", "--kind", "pause")
    declared = place("declare", "add", *span, *attribution)
    assert declared.code == 0, declared.err
    said = place("reproduce", "--format", "json")
    assert (said.code, said.json["same"]) == (0, 13)


TAMPERED = [
    (
        "a count of the delivery itself",
        "UPDATE measurements SET value = value + 1 WHERE run = 13 AND value > 20",
        "control_total",
    ),
    (
        "a result",
        "UPDATE results SET observed = observed + 1e-9 WHERE run = 13 AND check_name = 'completeness.bsn'",
        "completeness.bsn",
    ),
    (
        "what a check remembers",
        """UPDATE states SET body = replace(body, '"absorbed":11', '"absorbed":12') WHERE run = 13""",
        "volume",
    ),
    ("the register's outcome", "UPDATE reconciliations SET missing = missing + 1", "reconciliation.missing"),
]


@pytest.mark.parametrize(("what", "statement", "check"), TAMPERED, ids=[one[0] for one in TAMPERED])
def test_a_history_that_was_changed_does_not_give_the_same_verdict(place, what, statement, check):
    changed(place.replayed, statement)
    said = place("reproduce", "--replay", "--delivery", "000011", "--format", "json")
    assert said.code == 1, what
    (verdict,) = said.json["verdicts"]
    assert any(one["check"].startswith(check) for one in verdict["checks"]), verdict


def test_of_a_verdict_judged_before_its_grounds_were_kept_nothing_is_claimed(place):
    changed(place.replayed, "DELETE FROM grounds WHERE run = 3")
    said = place("reproduce", "--replay", "--format", "json")
    assert (said.code, said.json["same"], said.json["unknown"]) == (0, 12, 1)
    only = place("reproduce", "--replay", "--delivery", "000003")
    assert only.code == 3
    assert "unknown: judged before rules and evidence were saved with the verdict" in only.out


def test_a_delivery_that_was_never_judged_is_a_mistake_of_the_caller(place):
    said = place("reproduce", "--replay", "--delivery", "999999")
    assert said.code == 2
    assert "was never judged" in said.err


def test_without_a_history_there_is_nothing_to_judge_again(tmp_path):
    assert configured(tmp_path)("reproduce").code == 3


def test_verdicts_of_an_archive_judged_in_one_go_come_out_the_same(place):
    assert place("check").code in {0, 1}
    said = place("reproduce", "--format", "json")
    assert (said.code, said.json["same"]) == (0, 11)


def test_deliveries_that_had_waited_are_judged_again_by_what_was_known_when_they_came(place):
    judged = place("check", "--at", "2022-01-17T12:00Z")
    assert judged.code == 1, judged.err
    said = place("reproduce", "--format", "json")
    assert (said.code, said.json["same"]) == (0, 11)
