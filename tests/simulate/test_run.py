from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from bsn import passes_elfproef

from ketenwacht.errors import ConfigError
from ketenwacht.simulate import SCENARIOS, simulate
from ketenwacht.simulate.codes import list_municipalities
from ketenwacht.simulate.volumes import list_working_days

pytestmark = pytest.mark.integration

HEADER = (
    "volgnummer_regel;mutatiesoort;v_nummer;bsn;geboortedatum;geslacht;nationaliteit;verblijfstitel;verblijfsdoel;"
    "doelgroep;datum_beschikking;datum_bekendmaking;ingangsdatum_verblijfsrecht;gemeentecode;coa_locatie;"
    "referent_v_nummer;postcode"
)
SHORT = {"first": date(2022, 2, 1), "last": date(2022, 2, 11), "seed": 3}


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def healthy(feed):
    return feed("healthy")


def test_the_same_arguments_give_the_same_bytes_and_times(tmp_path):
    for name in ("a", "b"):
        simulate(tmp_path / name, **SHORT, scenario="incident-2022-selected")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    times = [[p.stat().st_mtime for p in sorted((tmp_path / n / "deliveries").iterdir())] for n in ("a", "b")]
    assert times[0] == times[1]


def test_another_seed_gives_another_feed(tmp_path):
    simulate(tmp_path / "a", **SHORT, scenario="healthy")
    simulate(tmp_path / "b", **{**SHORT, "seed": 4}, scenario="healthy")
    assert tree(tmp_path / "a") != tree(tmp_path / "b")


def test_there_is_one_delivery_a_working_day_without_gaps(healthy):
    days = list_working_days(healthy.truth.first, healthy.truth.last)
    names = sorted(p.name for p in (healthy.out / "deliveries").glob("*.csv"))
    assert names == [f"IND-DUO_{d:%Y%m%d}_{i:06d}.csv" for i, d in enumerate(days, start=1)]
    assert [m["volgnummer"] for m in healthy.manifests.values()] == list(range(1, len(days) + 1))


def test_periods_follow_each_other_and_files_are_there_before_seven(healthy):
    before = healthy.truth.first - timedelta(days=1)
    for delivery, manifest in healthy.manifests.items():
        assert date.fromisoformat(manifest["periode"]["van"]) == before + timedelta(days=1)
        before = date.fromisoformat(manifest["periode"]["tot"])
        created = datetime.fromisoformat(manifest["aangemaakt_op"])
        assert created.date() == before
        assert (created.hour, 20 <= created.minute < 40) == (6, True)
        assert healthy.path(delivery).stat().st_mtime == created.timestamp()


def test_a_manifest_counts_what_is_in_the_file(healthy):
    for delivery, manifest in healthy.manifests.items():
        content, rows = healthy.path(delivery).read_bytes(), healthy.rows(delivery)
        assert manifest["bytes"] == len(content)
        assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
        assert manifest["aantal"] == len(rows) > 0
        counted = Counter((r["doelgroep"], r["verblijfsdoel"], r["mutatiesoort"]) for r in rows)
        stated = {
            (a["doelgroep"], a["verblijfsdoel"], a["mutatiesoort"]): a["aantal"] for a in manifest["aantallen"]
        }
        assert stated == counted


def test_what_was_selected_was_sent_or_left_out_for_a_reason(healthy):
    for manifest in healthy.manifests.values():
        left_out = sum(u["aantal"] for u in manifest["uitgesloten"])
        assert manifest["geselecteerd"] == manifest["aantal"] + left_out
        assert manifest["geselecteerd"] == sum(a["aantal"] for a in manifest["geselecteerd_aantallen"])
    assert any(m["uitgesloten"] for m in healthy.manifests.values())


def test_manifests_have_unique_ids_and_name_both_parties(healthy):
    manifests = list(healthy.manifests.values())
    assert len({m["levering_id"] for m in manifests}) == len(manifests)
    assert {(m["soort"], m["zender"], m["ontvanger"]) for m in manifests} == {("mutatie", "IND", "DUO")}
    assert manifests[0]["codetabelversies"]["gemeentecode"] == "2022-01-01"
    assert manifests[-1]["codetabelversies"]["gemeentecode"] == "2022-03-24"


def test_rows_are_in_the_agreed_format(healthy):
    for delivery, manifest in healthy.manifests.items():
        rows = healthy.rows(delivery)
        assert healthy.path(delivery).read_text(encoding="utf-8").splitlines()[0] == HEADER
        day = manifest["periode"]["tot"]
        there = set(list_municipalities(date.fromisoformat(day)))
        assert [r["volgnummer_regel"] for r in rows] == [str(i) for i in range(1, len(rows) + 1)]
        for row in rows:
            assert re.fullmatch(r"\d{10}", row["v_nummer"])
            assert not row["bsn"] or (passes_elfproef(row["bsn"]) and row["bsn"].startswith("9999"))
            assert re.fullmatch(r"\d{8}", row["geboortedatum"])
            assert row["gemeentecode"] in there | {""}
            assert (
                row["ingangsdatum_verblijfsrecht"] <= row["datum_beschikking"] <= row["datum_bekendmaking"] < day
            )
        numbers = [r["bsn"] for r in rows if r["bsn"]]
        assert len(numbers) == len(set(numbers))
        assert len({r["v_nummer"] for r in rows}) == len(rows)


@pytest.mark.parametrize("scenario", ["healthy", "incident-2022", "code-filter", "number-gap"])
def test_the_register_minus_the_deliveries_is_what_was_planted_and_what_is_pending(feed, scenario):
    written = feed(scenario)
    delivered = {r["v_nummer"] for r in written.all_rows()}
    last = max(written.registers)
    absent = [r for r in written.registers[last] if r["v_nummer"] not in delivered]
    planted = sum(p.count for p in written.truth.missing)
    assert len(absent) == planted + written.truth.totals.pending
    old = (date.fromisoformat(f"{last[:4]}-{last[4:6]}-{last[6:]}") - timedelta(days=14)).isoformat()
    if not planted:
        assert all(r["datum_beschikking"] >= old for r in absent)
    assert written.truth.totals.delivered == written.truth.totals.registered - len(absent)


def test_the_register_is_cumulative_and_weekly(healthy):
    days = list(healthy.registers)
    assert days[0] == "20220304"
    assert "20220414" in days  # the Thursday before Good Friday
    for one, two in pairwise(days):
        shorter, longer = healthy.registers[one], healthy.registers[two]
        assert longer[: len(shorter)] == shorter
        assert len(longer) > len(shorter)
        assert all(r["datum_beschikking"] <= f"{two[:4]}-{two[4:6]}-{two[6:]}" for r in longer)


def test_scenarios_of_a_seed_share_the_register(feed, healthy):
    for scenario in ("incident-2022", "over-delivery", "wrong-municipality"):
        assert tree(feed(scenario).out / "register") == tree(healthy.out / "register")


def test_truth_names_no_person(feed):
    for scenario in SCENARIOS:
        if scenario.name != "pause-2022":
            told = (feed(scenario.name).out / "truth.json").read_text(encoding="utf-8")
            assert not re.search(r"\d{7}", told.replace(str(feed(scenario.name).truth.seed), ""))


def test_an_earlier_simulation_is_replaced_completely(tmp_path):
    out = tmp_path / "sample"
    simulate(out, **SHORT, scenario="healthy")
    (out / "deliveries" / "left-over.csv").write_text("x", encoding="utf-8")
    simulate(out, **SHORT, scenario="incident-2022")
    simulate(tmp_path / "fresh", **SHORT, scenario="incident-2022")
    assert tree(out) == tree(tmp_path / "fresh")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fresh", "sample"]


class _StopError(Exception):
    pass


@pytest.mark.parametrize("before", [True, False])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, before):
    out = tmp_path / "sample"
    if before:
        simulate(out, **SHORT, scenario="healthy")
    was = tree(tmp_path)

    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise _StopError

    with pytest.raises(_StopError):
        simulate(out, **{**SHORT, "seed": 9}, scenario="healthy", progress=stop)
    assert tree(tmp_path) == was
    assert out.exists() is before


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    simulate(tmp_path / "sample", **SHORT, scenario="healthy")
    (tmp_path / ".sample.fresh").mkdir()
    (tmp_path / ".sample.fresh" / ".ketenwacht-simulation").touch()
    (tmp_path / "sample").rename(tmp_path / ".sample.before")  # died between the two renames
    simulate(tmp_path / "sample", **SHORT, scenario="incident-2022")
    assert [p.name for p in tmp_path.iterdir()] == ["sample"]


def test_what_was_there_comes_back_when_the_next_write_after_a_kill_fails_too(tmp_path):
    simulate(tmp_path / "sample", **SHORT, scenario="healthy")
    was = tree(tmp_path / "sample")
    (tmp_path / "sample").rename(tmp_path / ".sample.before")

    def stop(_done: int, _total: int) -> None:
        raise _StopError

    with pytest.raises(_StopError):
        simulate(tmp_path / "sample", **SHORT, scenario="incident-2022", progress=stop)
    assert tree(tmp_path / "sample") == was


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(ConfigError, match="not an earlier simulation"):
        simulate(tmp_path, **SHORT, scenario="healthy")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_foreign_truth_file_does_not_make_a_simulation(tmp_path):
    (tmp_path / "truth.json").write_text('{"schema": "another"}', encoding="utf-8")
    with pytest.raises(ConfigError):
        simulate(tmp_path, **SHORT, scenario="healthy")


def test_a_foreign_hidden_sibling_is_not_removed(tmp_path):
    (tmp_path / ".sample.fresh").mkdir()
    (tmp_path / ".sample.fresh" / "mine").touch()
    with pytest.raises(ConfigError, match="in the way"):
        simulate(tmp_path / "sample", **SHORT, scenario="healthy")
    assert (tmp_path / ".sample.fresh" / "mine").exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scenario": "truncatd"}, "did you mean 'truncated'"),
        ({"scenario": "xyz"}, "choose one of: healthy"),
        ({"last": date(2022, 1, 31)}, "before"),
        ({"first": date(2021, 12, 1)}, "did not exist"),
        ({"first": date(2022, 2, 5), "last": date(2022, 2, 6)}, "no working day"),
        ({"last": date(2040, 1, 1)}, "too far"),
        ({"seed": -1}, "negative"),
        ({"scenario": "late", "last": date(2022, 2, 3)}, "too few"),
        ({"scenario": "pre-merger-municipality"}, "cannot occur before 2022-03-24"),
        (
            {"scenario": "incident-2022", "first": date(2023, 6, 1), "last": date(2023, 6, 30)},
            "has no defect from",
        ),
    ],
)
def test_a_wrong_argument_is_refused_with_a_remedy_and_nothing_is_written(tmp_path, changed, says):
    with pytest.raises(ConfigError, match=says) as caught:
        simulate(tmp_path / "out", **{**SHORT, "scenario": "healthy", **changed})
    assert caught.value.mend
    assert not list(tmp_path.iterdir())


def test_progress_counts_to_the_end(tmp_path):
    seen = []
    simulate(tmp_path / "o", **SHORT, scenario="healthy", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 9) for i in range(1, 10)]


def test_one_working_day_is_enough_for_a_healthy_feed(tmp_path):
    truth = simulate(tmp_path / "o", first=date(2022, 1, 3), last=date(2022, 1, 3), seed=1, scenario="healthy")
    assert truth.totals.deliveries == 1
    assert truth.totals.delivered > 40
    assert len(list((tmp_path / "o" / "register").iterdir())) == 1
