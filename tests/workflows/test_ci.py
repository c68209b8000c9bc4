"""The gate from inside: which deliveries it takes, what it asks production about, and that it only reads."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import ConfigError, StoreError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.store import History
from ketenwacht.store.exchange import ApprovedBaseline, MeasurementFile, dump, import_measurements
from ketenwacht.workflows.baselines import SCHEMA, settings_of
from ketenwacht.workflows.ci.release import CONTEXT, ComparisonRun, DeliverySelection, open_release_check
from ketenwacht.workflows.ci.reports import KINDS as REPORTS
from ketenwacht.workflows.ci.reports import ReleaseReports
from ketenwacht.workflows.ci.sources import Production, load_other_run, load_production, open_read_only
from ketenwacht.workflows.project import LoadedProject

AT = datetime(2030, 1, 1, tzinfo=UTC)
SHARES = {"a": 0.5, "b": 0.3, "c": 0.2}
FIRST = date(2022, 1, 3)
CONFIG = """
version: 1
history: sqlite:///history.db
feeds:
  counts:
    source: {kind: files, path: production, pattern: "day_{date:%Y%m%d}.csv", reader: csv}
    environments: {staging: {source: {path: staging}}}
    checks: checks.yaml
    segments: [[], [code]]
"""
CHECKS = """
version: 1
checks:
  - kind: schema
    columns: [person, code]
  - kind: schedule
  - {kind: ratio, segments: [code]}
  - kind: coverage
    after_deliveries: 100
    expected: [{code: [a, b, c]}]
"""


def delivered(day, identity=None):
    return Delivery("f", identity or f"{day:%m%d}", day)


DAYS = [date(2022, 1, 1) + timedelta(days=i) for i in range(40)]


@pytest.mark.parametrize(
    ("why", "choice", "context", "chosen"),
    [
        (
            "without a wish the newest, with some before it",
            DeliverySelection(),
            DAYS[39 - CONTEXT : 39],
            DAYS[39:],
        ),
        ("all of them, and nothing before", DeliverySelection(every=True), [], DAYS),
        ("those since a day", DeliverySelection(since=DAYS[30]), DAYS[10:30], DAYS[30:]),
        ("one by its id", DeliverySelection(delivery=f"{DAYS[5]:%m%d}"), DAYS[:5], DAYS[5:6]),
        ("none since a day to come", DeliverySelection(since=date(2023, 1, 1)), [], []),
    ],
)
def test_what_is_chosen(why, choice, context, chosen):
    found = choice.split([delivered(day) for day in reversed(DAYS)])
    assert [[d.period for d in part] for part in found] == [context, chosen]


def test_an_id_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="no such delivery"):
        DeliverySelection(delivery="x").split([delivered(DAYS[0])])


class Place:
    """A feed of counts by code in a folder, in production and in staging."""

    def __init__(self, root):
        self.root, self.rng = root, np.random.default_rng(3)
        (root / "config.yaml").write_text(CONFIG, encoding="utf-8")
        (root / "checks.yaml").write_text(CHECKS, encoding="utf-8")
        for folder in ("production", "staging"):
            (root / folder).mkdir()

    def deliver(self, folder, days, *, lost=()):
        for day in days:
            codes = self.rng.choice(list(SHARES), size=self.rng.poisson(60), p=list(SHARES.values()))
            rows = [f"{i};{code}" for i, code in enumerate(codes) if code not in lost]
            path = self.root / folder / f"day_{FIRST + timedelta(days=day):%Y%m%d}.csv"
            path.write_text("\n".join(["person;code", *rows, ""]), encoding="utf-8")

    @property
    def project(self):
        return LoadedProject.open(self.root / "config.yaml", environment="staging")

    def measured(self, folder="production"):
        """What a delivery of each day holds, measured as always."""
        project = LoadedProject.open(self.root / "config.yaml", overrides=(f"feeds.counts.source.path={folder}",))
        return (
            open_release_check(project, None, production=Production())
            .judge(DeliverySelection(every=True), AT)
            .snapshots
        )


@pytest.fixture(name="place")
def _place(tmp_path):
    place = Place(tmp_path)
    place.deliver("production", range(40))
    return place


def failed(checked):
    return {str(r.segment) for run in checked.runs for r in run.results if r.status is Status.FAILED}


@pytest.mark.integration
def test_the_faulty_release_fails_and_the_sound_one_passes(place):
    known = Production(place.measured())
    place.deliver("staging", range(50, 54))
    sound = open_release_check(place.project, None, production=known).judge(DeliverySelection(every=True), AT)
    place.deliver("staging", range(54, 57), lost=("c",))
    faulty = open_release_check(place.project, None, production=known).judge(DeliverySelection(), AT)
    assert failed(sound) == set()
    assert [run.delivery.period for run in faulty.runs] == [FIRST + timedelta(days=56)]
    assert failed(faulty) == {"code=c"}


@pytest.mark.integration
def test_what_was_wrong_in_production_before_is_not_held_against_a_release(place):
    place.deliver("production", range(40, 90))
    place.deliver("production", range(90, 120), lost=("c",))
    place.deliver("staging", range(130, 132), lost=("c",))
    checked = open_release_check(place.project, None, production=Production(place.measured())).judge(
        DeliverySelection(every=True), AT
    )
    said = [r for run in checked.runs for r in run.results if r.check == "ratio" and str(r.segment) == "code=c"]
    assert {r.status for r in said} == {Status.SKIPPED}
    assert said[0].said == Statement("release.in_production")


BASELINES = [
    ("made for these settings, it is used", {}, 4.5),
    ("made for other settings, it is not", {"settings": {}}, None),
    ("made by an earlier release, it is not", {"schema": "ketenwacht/baseline/1"}, None),
]


@pytest.mark.parametrize(("why", "change", "threshold"), BASELINES, ids=[one[0] for one in BASELINES])
def test_a_baseline_that_production_approved_judges_a_release(place, why, change, threshold):
    (check,) = [one for one in load_rules(place.project.feed("counts"), place.root).checks if one.kind == "ratio"]
    body = {"schema": SCHEMA, "kind": "ratio", "settings": settings_of(check), "slack": 0.2, "threshold": 4.5}
    known, said = Production(baselines=(ApprovedBaseline("ratio", 3, body | change),)), []
    release = open_release_check(place.project, None, production=known, on_warning=lambda *one: said.append(one))
    (check,) = [one for one in release.context.rules.checks if one.kind == "ratio"]
    assert (check.threshold, check.slack) == (threshold, 0.2 if threshold else None)
    assert [name for name, _ in said] == ["ratio"] * (threshold is None)


@pytest.mark.integration
def test_what_speaks_of_production_only_is_left_out_and_says_so(place):
    place.deliver("staging", [50])
    (run,) = open_release_check(place.project, None, production=Production()).judge(DeliverySelection(), AT).runs
    (left,) = [r for r in run.results if r.check == "schedule"]
    assert left.status is Status.SKIPPED
    assert left.said == Statement("release.left_out")


@pytest.mark.integration
def test_a_delivery_that_cannot_be_read_stops_a_release_with_the_reason(place):
    place.deliver("staging", [50])
    (path,) = (place.root / "staging").iterdir()
    path.write_text("person;code\n1;a;b\n", encoding="utf-8")
    (run,) = open_release_check(place.project, None, production=Production()).judge(DeliverySelection(), AT).runs
    (unread,) = [result for result in run.results if result.status is Status.ERROR]
    assert (run.status, unread.check) == (Status.ERROR, "readable")
    assert unread.code == "release.unreadable"
    assert "Line 2 has 3 fields; the header has 2." in MessageFormatter().say(unread.said)


@pytest.mark.integration
def test_a_history_is_only_read(place):
    assert load_production(place.project, "counts", None) == Production()
    assert not (place.root / "history.db").exists()
    snapshots = place.measured()
    with History.open(f"sqlite:///{place.root}/history.db") as history:
        import_measurements(
            history,
            dump(MeasurementFile("counts", snapshots)),
            new_id=iter("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH").__next__,
            who="t",
            at=AT,
        )
        runs = history.runs.find("counts")
    assert len(load_production(place.project, "counts", None).snapshots) == len(snapshots)
    assert load_other_run(place.project, "counts", runs[3].id)[0].delivery == runs[3].delivery
    with open_read_only(place.project) as history, pytest.raises(StoreError, match="read but not written"):
        import_measurements(history, dump(MeasurementFile("counts", snapshots[:1])), new_id=str, who="t", at=AT)


@pytest.mark.integration
def test_a_history_of_another_version_is_left_alone(place):
    with History.open(f"sqlite:///{place.root}/history.db"):
        pass
    raw = sqlite3.connect(place.root / "history.db")
    raw.execute("UPDATE alembic_version SET version_num = '0001'")
    raw.commit()
    with pytest.raises(StoreError, match="not written by this version"):
        load_production(place.project, "counts", None)
    assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    raw.close()


@pytest.mark.integration
def test_measurements_of_another_feed_are_refused(place, tmp_path):
    file = tmp_path / "other.jsonl"
    file.write_text("\n".join(dump(MeasurementFile("other", place.measured()[:2]))), encoding="utf-8")
    with pytest.raises(ConfigError, match="holds measurements of other"):
        load_production(place.project, "counts", file)


@pytest.mark.integration
def test_every_report_holds_the_finding_and_whole_files_only(place):
    place.deliver("staging", range(50, 52))
    current = open_release_check(place.project, None, production=Production()).judge(
        DeliverySelection(every=True), AT
    )
    place.deliver("staging", range(50, 52), lost=("c",))
    release = open_release_check(
        place.project, None, production=Production(), against=ComparisonRun(snapshots=current.snapshots)
    )
    written = ReleaseReports(
        project=place.project,
        feed=release.context.feed,
        checked=release.judge(DeliverySelection(every=True), AT),
        failing=frozenset({Status.FAILED, Status.WARNED}),
        file="checks.yaml",
        at=AT,
    )
    out = place.root / "out"
    assert written.write({kind: out / kind for kind in REPORTS}) == ()
    assert sorted(path.name for path in out.iterdir()) == sorted(REPORTS)
    for kind in set(REPORTS) - {"save"}:
        assert "code" in (out / kind).read_text(encoding="utf-8"), kind
    (said,) = written.write({"json": place.root / "config.yaml" / "x", "junit": out / "again"})
    assert "not a folder" in said or "in the way" in said
    assert (out / "again").exists()
