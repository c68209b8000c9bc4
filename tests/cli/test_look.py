"""Looking back at a real replay: history, report and incidents."""

import sqlite3
import subprocess
import sys

import pytest
from replayed import configured

pytestmark = pytest.mark.integration

LOOKS = [("history",), ("report", "--out", "r.html"), ("incidents", "list"), ("alerts", "list")]


def test_history_falls_back_to_the_replay_and_says_so(place):
    said = place("history")
    assert said.code == 0
    assert "newest replay" in said.err
    assert "11 deliveries, 3 Jan 2022" in said.out
    assert "doelgroep gezinsmigrant" in said.out
    assert "000011" in said.out


def test_asked_for_the_replay_nothing_needs_to_be_said(place):
    assert place("history", "--replay").err == ""


def test_what_was_judged_live_comes_first(place):
    place.go_live()
    said = place("history")
    assert (said.code, said.err) == (0, "")
    gone = place("history", "--replay")
    assert gone.code == 3
    assert "there is no replay" in gone.err


def test_history_as_json_counts_every_delivery_and_hides_small_counts(place):
    shown = place("history", "--limit", "2", "--format", "json").json
    assert shown["schema"] == "ketenwacht/history/1"
    assert shown["replayed"] is True
    assert [run["delivery"] for run in shown["runs"]] == ["000010", "000011"]
    assert shown["runs"][-1]["status"] == "failed"
    assert {tuple(one["segment"]) for one in shown["series"]} == {(), ("doelgroep",)}
    counts = [count for one in shown["series"] for count in one["counts"]]
    assert len(counts) == 44
    assert all(count["observed"] is None or count["observed"] == 0 or count["observed"] >= 10 for count in counts)
    assert any(count.get("observed_text") == "<10" for count in counts)


def test_an_outside_figure_is_what_was_expected_of_its_week(place):
    shown = place("history", "--format", "json").json
    family = next(one for one in shown["series"] if one["segment"] == {"doelgroep": "gezinsmigrant"})
    bands = {count["period"]: count["expected"] for count in family["counts"]}
    assert bands["2022-01-12"]["low"] < bands["2022-01-12"]["high"]


def test_since_leaves_out_what_is_earlier(place):
    shown = place("history", "--since", "2022-01-14", "--format", "json").json
    assert (shown["from"], shown["to"]) == ("2022-01-14", "2022-01-17")
    judged = [(run["delivery"], len(run["results"]), run["results"]["failed"]) for run in shown["runs"]]
    assert judged == [("000010", 3, 4), ("000010", 3, 7), ("000011", 3, 7)], "the register came between them"


def test_verify_holds_for_an_untouched_log_and_names_the_line_that_was_altered(place):
    whole = place("history", "--verify")
    assert whole.code == 0
    assert "audit log is intact" in whole.out
    with sqlite3.connect(place.replayed) as history:
        history.execute("UPDATE audit SET actor = 'nobody' WHERE number = 1")
    said = place("history", "--verify", "--format", "json")
    assert said.code == 1
    assert said.json["audit"] == {"verified": False, "faults": ["line 1: altered"]}


def test_the_head_of_a_digest_shows_that_the_end_of_the_log_was_cut_off(place):
    with sqlite3.connect(place.replayed) as history:
        number, code = history.execute("SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    head = f"{number}:{code.rpartition(':')[2][:16]}"
    assert place("history", "--head", head).code == 0
    assert place("history", "--head", "4").code == 2
    with sqlite3.connect(place.replayed) as history:
        history.execute("DELETE FROM audit WHERE number = ?", (number,))
    assert place("history", "--verify").code == 1, "the tables hold what that line records"
    said = place("history", "--head", head)
    assert said.code == 1
    assert f"line {number}: it is not the line" in said.out


def test_report_is_one_file_with_the_headline_that_is_printed(place):
    path = place.root / "new/report.html"
    shown = place("report", "--out", str(path), "--format", "json").json
    assert (shown["status"], shown["deliveries"]) == ("failed", 11)
    assert shown["incidents"] == {"open": 1, "all": 1}
    assert "persons have been missing since" in shown["headline"]
    assert f"{path}: {shown['headline']}" in place("report", "--out", str(path)).out
    page = path.read_text(encoding="utf-8")
    assert shown["headline"] in page
    assert "keyed reconciliation" in page
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_report_that_cannot_be_written_leaves_the_old_one(place):
    (place.root / "taken").write_text("a file, no folder")
    said = place("report", "--out", str(place.root / "taken/report.html"))
    assert said.code == 2
    assert "cannot be written" in said.err
    assert (place.root / "taken").read_text() == "a file, no folder"


def test_findings_list_says_what_where_and_who(place):
    said = place("findings", "list")
    assert said.code == 0
    assert "7 findings: 7 open" in said.out
    assert "<10 missing since" in said.out
    assert "nobody handles this yet" in said.out
    assert "open since 10 Jan 2022, 7 days" in said.out
    assert "open since 15 Jan 2022, 2 days" in said.out, "the register was judged when it came"


def test_incidents_list_says_what_is_one_loss_once(place):
    said = place("incidents", "list")
    assert said.code == 0
    assert "1 incident: 1 open" in said.out
    assert "#1  <10 persons missing, IND → DUO (asielstatushouder <10 · gezinsmigrant <10" in said.out
    assert "open, found on 10 Jan 2022, 7 days ago; since the week of 27 Dec 2021" in " ".join(said.out.split())
    assert "found on 10 Jan 2022, 7 days ago" in place("incidents", "show", "1").out


def test_show_takes_the_beginning_of_an_id(place):
    first = place("findings", "list", "--format", "json").json["findings"][0]
    said = place("incidents", "show", first["id"][:6], "--format", "json")
    assert said.json["id"] == first["id"]
    assert [event["reason"] for event in said.json["events"]] == ["opened"]
    text = place("incidents", "show", first["id"][:6]).out
    assert "to do" in text
    assert "opened by ketenwacht" in text


def test_a_finding_is_the_same_object_in_the_list_and_in_its_incident(place):
    (incident,) = place("incidents", "list", "--format", "json").json["incidents"]
    listed = {one["id"]: one for one in place("findings", "list", "--format", "json").json["findings"]}
    assert incident["findings"]
    for one in incident["findings"]:
        assert {key: listed[one["id"]][key] for key in one} == one
    assert {one["nature"] for one in listed.values()} == {"missing"}, "the words of an incident's nature"
    assert {one["status"] for one in listed.values()} == {"failed"}


def test_an_unknown_id_is_told_with_the_nearest(place):
    first = place("findings", "list", "--format", "json").json["findings"][0]["id"]
    wrong = first[:5] + ("0" if first[5] != "0" else "1")
    said = place("incidents", "show", wrong)
    assert said.code == 2
    assert f"did you mean {first[:6]}" in said.err


def test_an_incident_of_the_replay_is_pointed_to_from_the_live_history(place):
    first = place("findings", "list", "--format", "json").json["findings"][0]["id"]
    with sqlite3.connect(place.replayed) as source, sqlite3.connect(place.live) as target:
        source.backup(target)
    with sqlite3.connect(place.live) as live:
        live.execute("PRAGMA foreign_keys = OFF")
        live.execute("DELETE FROM events")
        live.execute("DELETE FROM incidents")
    said = place("incidents", "show", first[:6])
    assert said.code == 2
    assert "add --replay" in said.err


@pytest.mark.parametrize("command", LOOKS)
def test_without_any_history_there_is_nothing_to_look_at_and_none_is_made(command, tmp_path):
    said = configured(tmp_path)(*command)
    assert said.code == 3
    assert "was not judged yet" in said.err
    assert not (tmp_path / "var").exists()


def test_no_command_that_looks_or_acts_imports_great_expectations(place):
    first = place("findings", "list", "--format", "json").json["findings"][0]["id"]
    commands = [list(c) for c in LOOKS[:1] + LOOKS[2:]] + [
        ["report", "--out", str(place.root / "r.html")],
        ["incidents", "ack", first, "--by", "An"],
        ["alerts", "test"],
        ["doctor"],
        ["--help"],
    ]
    code = (
        "import sys; from ketenwacht.cli.root import run\n"
        f"codes = [run(['-c', {str(place.root / 'config.yaml')!r}, *c]) for c in {commands!r}]\n"
        "assert codes[-1] == 0 and max(codes[:-2]) == 0, codes\n"
        "assert 'great_expectations' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
