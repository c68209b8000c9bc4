"""A project does what the commands do: the same verdicts, history, alerts, JSON and errors."""

import json
import logging
import re
from datetime import UTC, date, datetime, timedelta

import pytest

import ketenwacht
from ketenwacht import ConfigError, Project, RunList, Status, StoreError
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

FIRST, LAST = date(2022, 1, 1), date(2022, 1, 17)
NOBODY = {"feeds.ind-duo.suites": [], "alerts.language": "en"}
NOON = datetime(2022, 1, 14, 12, tzinfo=UTC)


@pytest.fixture
def heard():
    return []


@pytest.fixture
def project(place, heard):
    return Project(place.root / "config.yaml", set=NOBODY, on_message=heard.append)


def said(command):
    return [json.loads(line) for line in command.out.splitlines()]


def without_ids(text):
    """Ids of incidents are made anew each time, and decide which of two alike comes first."""
    return re.sub(r"\b[0-9a-f]{12}\b", "ID", text)


def test_check_gives_the_runs_history_and_alerts_of_the_command(place, project, heard):
    seen = []
    runs = project.check("ind-duo", at=NOON, each=seen.append)
    assert seen == list(runs)
    kept = place.live.rename(place.root / "api.db")
    command = place("check", "--at", f"{NOON:%Y-%m-%dT%H:%M:%SZ}", "--format", "json")
    *told, summary = said(command)
    assert [run.to_dict() for run in runs] == told
    assert len(runs) == 10
    assert [(one["feed"], one["deliveries"], len(one["incidents"])) for one in summary["feeds"]] == [
        ("ind-duo", 10, 1)
    ]
    assert command.code == 1
    assert not runs.ok()
    assert runs.delivered
    assert heard
    ours, theirs = (sorted(without_ids(text).splitlines()) for text in ("\n".join([*heard, ""]), command.err))
    assert ours == theirs
    again = Project(place.root / "config.yaml", set={**NOBODY, "history": f"sqlite:///{kept}"})
    nothing = again.check(at=NOON)
    assert nothing == []
    assert [(one["feed"], one["status"], one["deliveries"]) for one in again.summarize(nothing)["feeds"]] == [
        ("ind-duo", "error", 0)
    ]
    assert len(again.incidents()) == len(said(place("incidents", "list", "--format", "json"))[0]["incidents"])


def test_a_source_that_cannot_be_listed_is_told_until_it_can(place, project, heard):
    project.check(at=NOON)
    folder = place.root / LoadedProject.open(place.root / "config.yaml").feed(None).source.path
    away = folder.rename(folder.with_name("away"))
    heard.clear()
    for _ in range(2):  # the same fault is told once
        with pytest.raises(ketenwacht.DeliveryError):
            project.check(at=NOON)
        assert [one.to_dict()["check"] for one in project.findings()].count("judging") == 1
        assert len(heard) == 1
    away.rename(folder)
    project.check(at=NOON + timedelta(hours=1))
    ((state,),) = ([one.to_dict()["state"]] for one in project.findings() if one.to_dict()["check"] == "judging")
    assert state == "resolved"


def test_a_delivery_that_was_judged_is_given_as_it_was(place, project):
    place.go_live()
    (run,) = project.check(delivery="000003")
    assert (run.feed, run.delivery.id, run.status) == ("ind-duo", "000003", Status.UNPROVEN)
    assert run.ok()
    assert not run.ok(strict=True)


def test_replay_gives_the_summary_of_the_command(place, project):
    done = project.replay(first=FIRST, last=LAST)
    *runs, summary = said(place("replay", "--from", str(FIRST), "--to", str(LAST), "--format", "json"))
    assert [run.to_dict() for run in done.runs] == runs
    ours = done.to_dict()
    found, theirs = (sorted(without_ids(json.dumps(i)) for i in o.pop("incidents")) for o in (ours, summary))
    assert found == theirs != []
    assert ours == summary
    assert not done.ok()


def test_a_release_check_gives_the_runs_and_reports_of_the_command(place, project, tmp_path):
    setting = {"feeds.ind-duo.environments.staging.source.path": "var/sample/deliveries"}
    staged = Project(place.root / "config.yaml", set={**NOBODY, **setting})
    done = staged.ci("ind-duo", since=date(2022, 1, 14))
    overridden = [f"{key}={value}" for key, value in setting.items()]
    command = place("ci", "--since", "2022-01-14", "--format", "json", "--set", *overridden)
    assert done.to_dict()["runs"] == said(command)
    assert done.to_dict()["schema"] == "ketenwacht/release-check/1"
    assert (done.ok, command.code) == (False, 1)
    assert [run.delivery.period for run in done.runs] == [date(2022, 1, 14), date(2022, 1, 17)]
    assert done.write({"junit": tmp_path / "junit.xml"}) == ()
    assert (tmp_path / "junit.xml").read_text() == done.report("junit")
    assert done.write({"json": tmp_path / "junit.xml/no.json"})[0].endswith("(a file of that name is in the way)")


def test_what_stops_a_release_can_be_chosen(place):
    setting = {"feeds.ind-duo.environments.staging.source.path": "var/sample/deliveries"}
    staged = Project(place.root / "config.yaml", set={**NOBODY, **setting, "feeds.ind-duo.checks": None})
    assert staged.ci(delivery="000003").ok
    assert not staged.ci(delivery="000003", fail_on="unproven").ok
    with pytest.raises(ConfigError, match="they exclude each other"):
        staged.ci(delivery="000003", every=True)
    with pytest.raises(ConfigError, match="there is no run to compare with"):
        staged.ci(same_input=False)


def test_without_a_delivery_a_release_check_is_not_ok(place, project):
    (place.root / "var/staging/deliveries").mkdir(parents=True)
    done = project.ci()
    assert (list(done.runs), done.ok) == ([], False)


def test_reconcile_gives_the_counts_of_the_command_and_keeps_them(place, project):
    place.go_live()
    register = next((place.root / "var/sample/register").iterdir())
    done = project.reconcile("ind-duo", register=register, keep=False)
    command = place("reconcile", "--register", str(register), "--no-history", "--format", "json")
    assert done.to_dict() == said(command)[0]
    assert done.status is Status.FAILED
    assert not done.ok()
    kept = project.reconcile("ind-duo", register=register, by="An")
    assert kept.delivered
    assert place("history", "--verify").code == 0


def test_incidents_come_in_the_order_of_the_command(place, project):
    command = said(place("incidents", "list", "--all", "--format", "json"))[0]
    found = project.incidents(closed=True)
    assert [one.to_dict() for one in found] == command["incidents"]
    assert found.replayed
    assert [one.number for one in found] == [1]
    assert [one.number for one in project.incidents("ind-duo")] == [1]


def test_findings_come_in_the_order_of_the_command(place, project):
    command = said(place("findings", "list", "--all", "--format", "json"))[0]
    found = project.findings(closed=True)
    assert [one.to_dict() for one in found] == command["findings"]
    assert len(found) == 7
    assert found[0].id.startswith(found.short[found[0].id])
    assert {one.found.fingerprint.feed for one in found} == {"ind-duo"}


def test_what_is_left_aside_is_logged_unless_somebody_asks_for_it(place, caplog):
    told = []
    Project(place.root / "config.yaml", on_warning=lambda *words: told.append(words)).incidents()
    assert told == [("ind-duo", "nothing was judged live yet; this is what the newest replay found")]
    with caplog.at_level(logging.WARNING, logger="ketenwacht"):
        Project(place.root / "config.yaml").incidents()
    assert [record.getMessage() for record in caplog.records] == [": ".join(told[0])]


def test_measurements_are_rows_of_exact_numbers(place, project, tmp_path):
    with pytest.raises(StoreError, match="there is no history yet"):
        project.measurements()
    place.go_live()
    rows = project.measurements("ind-duo")
    whole = {row.delivery: row.value for row in rows if row.name == "rows" and row.segment == {}}
    delivered = {row.delivery: row.period for row in rows}
    sample = place.root / "var/sample/deliveries"
    for delivery, day in delivered.items():
        lines = (sample / f"IND-DUO_{day:%Y%m%d}_{delivery}.csv").read_text().splitlines()
        assert whole[delivery] == len(lines) - 1
    project.export_measurements(tmp_path / "ours")
    assert place("measurements", "export", str(tmp_path / "theirs")).code == 0
    assert (tmp_path / "ours").read_text() == (tmp_path / "theirs").read_text()
    assert len((tmp_path / "ours").read_text().splitlines()) == len(whole) + 1


def test_a_report_says_what_stands_on_top_of_it(place, project):
    done = project.report(place.root / "ours.html", replay=True)
    command = said(place("report", "--out", str(place.root / "theirs.html"), "--replay", "--format", "json"))[0]
    assert done.to_dict() == {**command, "path": str(done.path)}
    assert done.headline in (place.root / "ours.html").read_text()


@pytest.mark.parametrize(
    ("call", "fault", "words"),
    [
        (lambda p: p.check("nobody"), ConfigError, "there is no such feed"),
        (lambda p: p.check(at=datetime(2022, 1, 14)), ConfigError, "has no time zone"),  # noqa: DTZ001 - the fault
        (lambda p: p.check(delivery="999999"), ConfigError, "there is no delivery 999999"),
        (lambda p: p.reconcile(register="nowhere.csv"), ConfigError, "is not a file"),
        (
            lambda p: p.replay(first=LAST, last=FIRST),
            ConfigError,
            "give a range that does not end before it begins",
        ),
        (lambda p: p.report("/proc/nowhere/r.html"), ConfigError, "cannot be written"),
    ],
)
def test_errors_are_those_of_the_package(project, call, fault, words):
    with pytest.raises(fault, match=words):
        call(project)


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"feeds.ind-duo.title": "A title: with a colon"}, "A title: with a colon"),
        (["feeds.ind-duo.title=As on the command line"], "As on the command line"),
        ((), "Potentially obliged persons, IND to DUO"),
    ],
)
def test_settings_are_overridden_by_a_mapping_or_as_on_the_command_line(place, given, title):
    project = Project(place.root / "config.yaml", set=given)
    assert project.formatter() is not None
    assert project.report(place.root / "r.html").to_dict()["feed"] == "ind-duo"
    assert title in (place.root / "r.html").read_text()


@pytest.mark.parametrize(
    ("statuses", "delivered", "ok", "ok_if_strict"),
    [
        ([], True, False, False),
        (["PASSED", "SKIPPED"], True, True, True),
        (["PASSED", "UNPROVEN", "WARNED"], True, True, False),
        (["PASSED", "FAILED"], True, False, False),
        (["PASSED", "ERROR"], True, False, False),
        (["PASSED"], False, False, False),
    ],
    ids=[
        "nothing judged is never green",
        "passed",
        "warned and unproven pass unless strict",
        "one failed",
        "one could not be judged",
        "an alert did not arrive",
    ],
)
def test_runs_are_ok_where_the_command_exits_with_0(project, statuses, delivered, ok, ok_if_strict):
    class Judged:
        def __init__(self, status):
            self.status = status

    runs = RunList((Judged(Status[name]) for name in statuses), delivered=delivered)
    assert (runs.ok(), runs.ok(strict=True)) == (ok, ok_if_strict)


def test_the_package_names_everything_public():
    assert all(getattr(ketenwacht, name) is not None for name in ketenwacht.__all__)
    assert set(ketenwacht.__all__) <= set(dir(ketenwacht))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ketenwacht.Nothing


def test_a_project_with_several_feeds_lists_the_incidents_of_all(place):
    twice = Project(
        place.root / "config.yaml", set={"feeds.other": {"source": {"path": "x", "pattern": "{date:%Y}.csv"}}}
    )
    assert twice.feeds == ("ind-duo", "other")
    assert [one.found.feed for one in twice.incidents()] == ["ind-duo"]
    assert twice.formatter() is not None
    with pytest.raises(ConfigError, match="FEED"):
        twice.check()
