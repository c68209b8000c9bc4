"""The loss of 2022–2023 and its repair: the catch-up is neither alarm nor lesson; a clean register ends it."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from replayed import configured

from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.store import History

pytestmark = pytest.mark.e2e

SPAN = ("--from", "2023-02-01", "--to", "2023-12-31")
CHECKS = """version: 1
checks:
  - kind: reconciliation
    segments: [doelgroep]
    max_age: 60d
  - kind: volume
    segments: [doelgroep]
"""
SEPTEMBER, REGISTER_WITHOUT_LOSS = "2023-09-01", date(2023, 11, 3)


@pytest.fixture(scope="module")
def repaired(tmp_path_factory):
    """A replay until the end of 2023 with a register every four weeks; runs by period, and the history."""
    place = configured(tmp_path_factory.mktemp("repaired"))
    (place.root / "checks/ind_duo.yaml").write_text(CHECKS, encoding="utf-8")
    sample = place.root / "var/sample"
    said = place("simulate", str(sample), *SPAN, "--seed", "3", "--scenario", "incident-2022")
    assert said.code == 0, said.err
    for number, path in enumerate(sorted((sample / "register").iterdir(), reverse=True)):
        if number % 4:
            path.unlink()
    told = place("--format", "json", "replay", *SPAN)
    assert told.code == 1, told.err
    runs = [json.loads(line) for line in told.out.splitlines()][:-1]
    with History.open(f"sqlite:///{place.replayed}", create=False) as history:
        yield place, runs, history


def catch_ups(history):
    return [s.delivery for s in history.runs.find_snapshots("ind-duo") if s.delivery.kind is DeliveryKind.CATCH_UP]


def test_the_backlog_was_delivered_as_what_it_is(repaired):
    _, _, history = repaired
    found = catch_ups(history)
    truth = json.loads((repaired[0].root / "var/sample/truth.json").read_text(encoding="utf-8"))
    assert [one.id for one in found] == [one["delivery"] for one in truth["catch_up"]]
    assert len(found) > 1


def test_a_catch_up_delivery_is_not_judged_by_its_volume(repaired):
    _, runs, history = repaired
    ids = {one.id for one in catch_ups(history)}
    judged = [r for run in runs if run["delivery"] in ids for r in run["results"] if r["check"] == "volume"]
    assert judged == []


def test_what_is_expected_is_the_same_with_and_without_the_catch_up(repaired, tmp_path):
    place, runs, history = repaired
    without = configured(tmp_path)
    (without.root / "checks/ind_duo.yaml").write_text(
        CHECKS.split("  - kind: reconciliation", maxsplit=1)[0] + "  - kind: volume\n    segments: [doelgroep]\n",
        encoding="utf-8",
    )
    (without.root / "var").mkdir()
    (without.root / "var/sample").symlink_to(place.root / "var/sample")
    ids = {one.id for one in catch_ups(history)}
    hidden = [p for p in (place.root / "var/sample/deliveries").iterdir() if p.name.split("_")[2][:6] in ids]
    for path in hidden:
        path.rename(path.with_name(f".{path.name}"))
    try:
        told = without("--set", "feeds.ind-duo.evidence={}", "--format", "json", "replay", *SPAN)
    finally:
        for path in hidden:
            path.with_name(f".{path.name}").rename(path)
    alone = [json.loads(line) for line in told.out.splitlines()][:-1]
    assert {run["delivery"] for run in runs} - {run["delivery"] for run in alone} == ids
    assert ids

    def volumes(some):
        return {
            (run["delivery"], r["segment"].get("doelgroep", "")): r
            for run in some
            for r in run["results"]
            if r["check"] == "volume"
        }

    here, there = volumes(runs), volumes(alone)
    assert {key: r["expected"] for key, r in here.items()} == {key: r["expected"] for key, r in there.items()}
    changed = [here[key]["code"] for key in here if here[key]["status"] != there[key]["status"]]
    assert set(changed) <= {"evidence.overruled"}, "only a clean register says otherwise"


def test_the_incident_ends_with_the_first_clean_register_and_no_sooner(repaired):
    _, _, history = repaired
    lost = [
        i for i in history.findings.find("ind-duo", closed=True) if i.fingerprint.check == "reconciliation.missing"
    ]
    assert {i.fingerprint.segment.as_dict()["doelgroep"] for i in lost} == {
        "asielstatushouder",
        "gezinsmigrant",
        "overige migrant",
    }
    counts = history.evidence.find_reconciliations("ind-duo", until=None)
    last_delivered = max(one.period for one in catch_ups(history))
    for incident in lost:
        own = [c for c in counts if c.segment == incident.fingerprint.segment]
        clean = min(c.register_date for c in own if c.missing == 0)
        dirty = max(c.register_date for c in own if c.missing > 0)
        assert dirty < clean
        assert incident.resolved_at is not None
        resolved = incident.resolved_at.astimezone(ZoneInfo("Europe/Amsterdam")).date()
        assert resolved > clean > last_delivered, "a register counts after its day"
        assert (resolved - clean).days < 7


def test_reconciling_by_hand_says_the_same_on_both_sides_of_the_catch_up(repaired):
    place, _, history = repaired
    days = sorted({c.register_date for c in history.evidence.find_reconciliations("ind-duo", until=None)})
    counts = {
        c.register_date: c
        for c in history.evidence.find_reconciliations("ind-duo", until=None)
        if not c.segment.pairs
    }
    for day, code in ((next(d for d in days if counts[d].missing > 0), 1), (days[-1], 0)):
        path = place.root / f"var/sample/register/REGISTER_{day:%Y%m%d}.csv"
        said = place("reconcile", "--register", str(path), "--no-history", "--format", "json")
        assert said.code == code, said.out
        shown = said.json["segments"][0]["missing"]
        assert shown == round(counts[day].missing, -1)
