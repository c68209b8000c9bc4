"""A history of a release that knew no codes is shown by every command, and every verdict of it comes out again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from old_history import write_old_history
from replayed import Place, configured
from two_languages import foreign

from ketenwacht.domain.message import Message
from ketenwacht.notify.console import notifier as console
from ketenwacht.notify.slack import blocks as slack_blocks

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A configuration whose live history is of that release."""
    place = configured(tmp_path_factory.mktemp("old"))
    write_old_history(place.live)
    return place.root


@pytest.fixture
def old(written, tmp_path, monkeypatch):
    """A copy of it, in a shell with nothing set."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("KETENWACHT_HISTORY", "SLACK_CHANNEL", "SLACK_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "feed"
    shutil.copytree(written, root)
    return Place(root)


def test_the_counts_and_verdicts_are_listed_as_they_were(old):
    said = old("history", "--format", "json")
    assert said.code == 0, said.err
    assert (said.json["from"], said.json["to"]) == ("2022-01-03", "2022-03-18")
    assert [run["status"] for run in said.json["runs"]].count("failed") == len(said.json["runs"])
    assert old("history", "--verify").code == 0


def test_incidents_say_what_was_said_of_them_and_what_people_did(old):
    listed = old("findings", "list", "--format", "json")
    assert listed.code == 0, listed.err
    assert len(listed.json["findings"]) == 11
    shown = old("incidents", "show", "33a43a")
    assert "acknowledged by a data steward" in shown.out
    assert "of 1,362 in the register of 2022-03-11" in " ".join(shown.out.split())
    assert "the figures are restated in December" in old("incidents", "show", "b4e0a5").out


def test_alerts_that_were_sent_are_told(old):
    said = old("alerts", "list", "--format", "json")
    assert said.code == 0, said.err
    assert "ongeveer 210 personen" in said.out


def test_the_report_tells_the_losses(old):
    out = old.root / "report.html"
    said = old("report", "--out", str(out))
    assert said.code == 0, said.err
    page = out.read_text(encoding="utf-8")
    assert "never seen so far, and nobody explained why" in page


def test_every_verdict_comes_out_again_but_of_checks_that_judge_otherwise_now(old):
    """Own history may be followed by another method since; whatever else was judged comes out to the last bit."""
    said = old("reproduce", "--format", "json")
    assert (said.code in {0, 3}, said.err) == (True, "")
    assert (said.json["same"] + said.json["unknown"], said.json["different"]) == (55, 0)
    for verdict in said.json["verdicts"]:
        assert verdict["detector"] != said.json["detector"]
        assert {one["check"].partition(".")[0] for one in verdict["checks"]} <= {"volume", "ratio", "drift"}


@pytest.mark.parametrize(
    ("sentence", "statement", "check"),
    [
        ("another status", "UPDATE results SET status = 1 WHERE run = 55 AND check_name = 'schema'", "schema"),
        (
            "another number",
            "UPDATE results SET observed = observed + 1 WHERE run = 55 AND check_name = 'reference'",
            "reference",
        ),
        (
            "another estimate",
            "UPDATE results SET missing_value = missing_value + 1 WHERE run = 55 AND check_name = 'reference'",
            "reference",
        ),
    ],
)
def test_a_verdict_that_was_changed_does_not_come_out_again(old, sentence, statement, check):
    with closing(sqlite3.connect(old.live)) as database, database:
        assert database.execute(statement).rowcount > 0
    said = old("reproduce", "--delivery", "000055", "--format", "json")
    assert said.code != 0, sentence
    (verdict,) = said.json["verdicts"]
    assert check in {one["check"] for one in verdict["checks"]}, sentence


def test_of_a_verdict_that_another_version_of_the_checks_gave_it_is_said_so(old):
    assert old("history").code == 0  # which migrates it
    with closing(sqlite3.connect(old.live)) as database, database:
        database.execute("UPDATE runs SET detector = 0 WHERE number = 55")
        database.execute("UPDATE results SET observed = 7 WHERE run = 55 AND check_name = 'volume'")
    said = old("reproduce", "--delivery", "000055")
    assert said.code == 3, "nobody can tell whether it was changed"
    assert "(given by version 0 of the checks)" in said.out
    said = old("reproduce", "--delivery", "000055", "--format", "json")
    (verdict,) = said.json["verdicts"]
    assert (verdict["outcome"], verdict["detector"]) == ("unknown", 0)
    assert "volume" in {one["check"] for one in verdict["checks"]}


def test_stored_alerts_are_rendered_by_every_medium(old):
    with closing(sqlite3.connect(old.live)) as database:
        bodies = [Message.from_json(body) for (body,) in database.execute("SELECT body FROM alerts")]
    assert len(bodies) > 10
    for message in bodies:
        for text in (console.render(message), slack_blocks.root_text(message)):
            assert message.headline[:20].replace("-", "") in text.replace("\\-", "").replace("-", "")
        assert slack_blocks.root_blocks(message, buttons=True)


def test_what_becomes_of_its_incidents_is_told_without_the_english_words_of_that_release(old):
    dutch = ("--set", "alerts.language=nl")
    done = old(*dutch, "incidents", "resolve", "33a43a", "--by", "an", "--reason", "delivered again")
    assert done.code == 0, done.err
    with closing(sqlite3.connect(old.live)) as database:
        (body,) = database.execute("SELECT body FROM alerts ORDER BY number DESC LIMIT 1").fetchone()
    message = Message.from_json(body)
    assert "an meldt dit als opgelost" in message.changes[0]
    for problem in message.problems:
        assert not foreign(f"{problem.what} {problem.evidence} {problem.meaning} {problem.action}", "nl")
