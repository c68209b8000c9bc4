from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, datetime
from itertools import pairwise

import pytest

from ketenwacht.simulate import SCENARIOS
from ketenwacht.simulate.defects import FILTERED_PURPOSE, UNION_LAW_TITLES, UNKNOWN_PURPOSE
from ketenwacht.simulate.world import LOST_PURPOSES

pytestmark = pytest.mark.integration

YEAR_AND_A_HALF = (date(2022, 1, 1), date(2023, 10, 13))


def test_every_scenario_has_a_name_in_kebab_case_and_one_line():
    for scenario in SCENARIOS:
        assert scenario.name == scenario.name.lower().replace("_", "-").replace(" ", "-")
        assert scenario.description
        assert "\n" not in scenario.description
    assert len({s.name for s in SCENARIOS}) == len(SCENARIOS)


EXPECTED = {
    "truncated": "error",
    "missing": "failed",
    "late": "warned",
    "duplicate": "warned",
    "number-gap": "failed",
    "redelivery": "passed",
    "empty-delivery": "warned",
    "code-filter": "failed",
    "release-filter": "failed",
    "column-renamed": "failed",
    "v-nummer-integer": "failed",
    "mojibake": "error",
    "zero-dates-null": "failed",
    "pre-merger-municipality": "failed",
    "unknown-code": "failed",
    "over-delivery": "failed",
    "law-boundary": "failed",
    "completeness-drift": "failed",
    "wrong-municipality": "failed",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_truth_holds_each_defect_with_its_status_in_the_middle_of_the_range(feed, name):
    written = feed(name)
    (defect,) = written.told["defects"]
    assert defect == {"kind": name, "delivery": written.spoilt, "expected_status": EXPECTED[name]}
    numbers = list(written.manifests)
    at = numbers.index(written.spoilt) if "-" not in written.spoilt else len(numbers) // 2
    assert 10 < at < len(numbers) - 5


def differing(written, healthy):
    """Ids of the deliveries whose bytes are not those of the healthy feed."""
    return [d for d in written.manifests if written.path(d).read_bytes() != healthy.path(d).read_bytes()]


@pytest.mark.parametrize(
    "name",
    [
        "truncated",
        "column-renamed",
        "v-nummer-integer",
        "mojibake",
        "zero-dates-null",
        "pre-merger-municipality",
        "unknown-code",
        "over-delivery",
        "law-boundary",
    ],
)
def test_a_defect_of_one_delivery_is_in_that_one_only(feed, name):
    written = feed(name)
    assert differing(written, feed("healthy")) == [written.spoilt]


def test_a_truncated_file_is_shorter_than_declared_and_ends_inside_a_row(feed):
    written = feed("truncated")
    content, manifest = written.path(written.spoilt).read_bytes(), written.manifests[written.spoilt]
    assert 0 < len(content) < manifest["bytes"]
    assert not content.endswith(b"\n")
    assert hashlib.sha256(content).hexdigest() != manifest["sha256"]
    assert manifest == {**feed("healthy").manifests[written.spoilt], "levering_id": manifest["levering_id"]}


def test_a_missing_delivery_leaves_no_number_and_its_rows_come_the_day_after(feed):
    written, healthy = feed("missing"), feed("healthy")
    days = {m["periode"]["tot"] for m in written.manifests.values()}
    assert written.spoilt in {m["periode"]["tot"] for m in healthy.manifests.values()} - days
    assert list(written.manifests) == [f"{i:06d}" for i in range(1, len(written.manifests) + 1)]
    after = min(d for d in days if d > written.spoilt)
    (following,) = [m for m in written.manifests.values() if m["periode"]["tot"] == after]
    assert following["periode"]["van"] <= written.spoilt
    both = [m["aantal"] for m in healthy.manifests.values() if m["periode"]["tot"] in {written.spoilt, after}]
    assert following["aantal"] == sum(both)
    assert written.truth.missing == ()


def test_a_late_delivery_is_whole_but_hours_late(feed):
    written = feed("late")
    assert differing(written, feed("healthy")) == []
    created = datetime.fromisoformat(written.manifests[written.spoilt]["aangemaakt_op"])
    assert created.hour == 14
    assert written.path(written.spoilt).stat().st_mtime == created.timestamp()


def test_a_duplicate_has_the_bytes_of_the_one_before_it(feed):
    written = feed("duplicate")
    before = f"{int(written.spoilt) - 1:06d}"
    first, second = written.manifests[before], written.manifests[written.spoilt]
    assert written.path(before).read_bytes() == written.path(written.spoilt).read_bytes()
    assert (first["sha256"], first["periode"]) == (second["sha256"], second["periode"])
    assert first["levering_id"] != second["levering_id"]


def test_a_number_gap_skips_one_number_and_loses_what_was_in_it(feed):
    written = feed("number-gap")
    numbers = [int(n) for n in written.manifests]
    gaps = [b for a, b in pairwise(numbers) if b != a + 1]
    assert gaps == [int(written.spoilt)]
    assert sum(p.count for p in written.truth.missing) > 20


def test_a_redelivery_replaces_the_same_rows(feed):
    written = feed("redelivery")
    before = f"{int(written.spoilt) - 1:06d}"
    manifest = written.manifests[written.spoilt]
    assert manifest["soort"] == "herlevering"
    assert manifest["periode"] == written.manifests[before]["periode"]
    first, second = written.rows(before), written.rows(written.spoilt)
    assert [r["v_nummer"] for r in first] == [r["v_nummer"] for r in second]
    changed = {k for a, b in zip(first, second, strict=True) for k in a if a[k] != b[k]}
    assert changed == {"postcode"}
    assert written.truth.missing == written.truth.extra == ()


def test_an_empty_delivery_has_a_manifest_with_zero_rows(feed):
    written = feed("empty-delivery")
    manifest = written.manifests[written.spoilt]
    assert (manifest["aantal"], manifest["aantallen"], manifest["geselecteerd"]) == (0, [], 0)
    assert written.rows(written.spoilt) == []
    assert written.truth.totals == feed("healthy").truth.totals


def test_a_code_filter_drops_one_purpose_from_then_on(feed):
    written = feed("code-filter")
    for delivery in written.manifests:
        there = any(r["verblijfsdoel"] == FILTERED_PURPOSE for r in written.rows(delivery))
        assert there is (delivery < f"{int(written.spoilt) - 1:06d}")  # the second one without it is marked
    (missing,) = written.truth.missing
    assert missing.segment.as_dict() == {"doelgroep": "gezinsmigrant", "verblijfsdoel": FILTERED_PURPOSE}
    assert missing.count > 50


def test_a_renamed_column_is_renamed_in_the_header_only(feed):
    written = feed("column-renamed")
    header, rest = written.path(written.spoilt).read_text(encoding="utf-8").split("\n", 1)
    assert "verblijfsdoelcode" in header.split(";")
    assert "verblijfsdoel" not in header.split(";")
    assert rest == feed("healthy").path(written.spoilt).read_text(encoding="utf-8").split("\n", 1)[1]


def test_v_numbers_as_integers_have_lost_their_zeros(feed):
    written = feed("v-nummer-integer")
    lengths = Counter(len(r["v_nummer"]) for r in written.rows(written.spoilt))
    assert sum(n for length, n in lengths.items() if length < 10) >= 3
    assert written.truth.totals == feed("healthy").truth.totals


def test_mojibake_is_not_the_agreed_encoding_but_its_manifest_is_right(feed):
    written = feed("mojibake")
    content = written.path(written.spoilt).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert hashlib.sha256(content).hexdigest() == written.manifests[written.spoilt]["sha256"]


def test_incomplete_dates_of_birth_are_emptied(feed):
    written = feed("zero-dates-null")
    births = [r["geboortedatum"] for r in written.rows(written.spoilt)]
    assert births.count("") >= 6
    assert not any(b.endswith("00") for b in births)


def test_a_merged_municipality_is_used_after_its_end(feed):
    written = feed("pre-merger-municipality")
    assert written.manifests[written.spoilt]["periode"]["tot"] >= "2022-03-24"
    assert [r["gemeentecode"] for r in written.rows(written.spoilt)].count("0457") >= 6


def test_an_unknown_code_is_in_the_rows_and_in_the_control_totals(feed):
    written = feed("unknown-code")
    assert sum(r["verblijfsdoel"] == UNKNOWN_PURPOSE for r in written.rows(written.spoilt)) == 6
    assert any(a["verblijfsdoel"] == UNKNOWN_PURPOSE for a in written.manifests[written.spoilt]["aantallen"])


def test_over_delivery_brings_strangers_and_persons_who_came_before(feed):
    written = feed("over-delivery")
    rows = written.rows(written.spoilt)
    union = [r for r in rows if r["verblijfstitel"] in UNION_LAW_TITLES]
    registered = {r["v_nummer"] for r in written.registers[max(written.registers)]}
    earlier = {r["v_nummer"] for d in written.manifests if d < written.spoilt for r in written.rows(d)}
    again = [r for r in rows if r["v_nummer"] in earlier and r["mutatiesoort"] == "inwilliging"]
    assert len(union) >= 12
    assert not registered & {r["v_nummer"] for r in union}
    assert len(again) >= 6
    assert sum(p.count for p in written.truth.extra) == len(union) + len(again)


def test_persons_of_the_earlier_law_are_too_early(feed):
    written = feed("law-boundary")
    early = [r for r in written.rows(written.spoilt) if r["datum_bekendmaking"] < "2022-01-01"]
    assert len(early) == sum(p.count for p in written.truth.extra) == 6
    assert all(
        r["ingangsdatum_verblijfsrecht"] <= r["datum_beschikking"] <= r["datum_bekendmaking"] for r in early
    )


def test_the_bsn_of_family_migrants_fades(feed):
    written = feed("completeness-drift")

    def empty(group: str, *, after: bool) -> float:
        rows = [
            r
            for d in written.manifests
            if (d >= f"{int(written.spoilt) - 3:06d}") is after  # the fourth one is marked
            for r in written.rows(d)
            if r["doelgroep"] == group
        ]
        return sum(not r["bsn"] for r in rows) / len(rows)

    assert empty("gezinsmigrant", after=False) < 0.16
    assert empty("gezinsmigrant", after=True) > 0.5
    assert empty("asielstatushouder", after=True) < 0.16


def test_the_register_knows_the_right_municipality(feed):
    written = feed("wrong-municipality")
    right = {r["v_nummer"]: r["gemeentecode"] for r in written.registers[max(written.registers)]}
    wrong = [(right.get(r["v_nummer"]), r["gemeentecode"]) for r in written.all_rows()]
    moved = Counter((a, b) for a, b in wrong if a is not None and a != b)
    assert moved[("0599", "0606")] >= 5
    assert set(moved) == {("0599", "0606")}


def test_the_manifest_of_the_incident_does_not_state_the_selection(feed):
    for manifest in feed("incident-2022").manifests.values():
        assert manifest["geselecteerd"] is None
        assert "geselecteerd_aantallen" not in manifest
        assert manifest["uitgesloten"] == []


def test_the_difference_gives_the_incident_away_when_the_selection_is_stated(feed):
    written = feed("incident-2022-selected")
    short: Counter[str] = Counter()
    for manifest in written.manifests.values():
        left_out = sum(u["aantal"] for u in manifest["uitgesloten"])
        short["all"] += manifest["geselecteerd"] - manifest["aantal"] - left_out
        for entry in manifest["geselecteerd_aantallen"]:
            short[entry["verblijfsdoel"]] += entry["aantal"] * (entry["verblijfsdoel"] in LOST_PURPOSES)
    assert short["all"] == sum(p.count for p in written.truth.missing) > 300
    assert sum(short[p] for p in LOST_PURPOSES) >= short["all"]


def test_both_variants_of_the_incident_deliver_the_same_rows(feed):
    assert differing(feed("incident-2022"), feed("incident-2022-selected")) == []


def test_the_incident_ends_with_the_fix_and_is_caught_up_in_september(feed):
    written = feed("incident-2022", *YEAR_AND_A_HALF)
    lost, caught_up = 0, []
    for delivery, manifest in written.manifests.items():
        purposes = Counter(a["verblijfsdoel"] for a in manifest["aantallen"])
        day = manifest["periode"]["tot"]
        if manifest["soort"] == "inhaal":
            caught_up += written.rows(delivery)
            assert day >= "2023-09-04"
        elif day < "2023-05-15":
            lost += sum(purposes[p] for p in LOST_PURPOSES)
    planted = sum(p.count for p in written.truth.missing)
    assert lost == 0
    assert len(caught_up) == planted == pytest.approx(3210, rel=0.12)
    assert {r["verblijfsdoel"] for r in caught_up} == set(LOST_PURPOSES)
    assert sum(n for _, n in written.truth.catch_up) == planted
    assert len(written.truth.catch_up) == 6
    assert not {"0457", "0501", "0530", "0614"} & {r["gemeentecode"] for r in caught_up}
    assert sum(not r["bsn"] for r in caught_up) / len(caught_up) < 0.14  # none emptied for being there twice
    missing = {p.segment.as_dict()["doelgroep"]: p for p in written.truth.missing}
    assert missing["gezinsmigrant"].first == date(2022, 1, 1)
    assert missing["gezinsmigrant"].last == date(2023, 5, 12)
    after = [m for m in written.manifests.values() if "2023-05-15" <= m["periode"]["tot"] < "2023-06-15"]
    assert any(a["verblijfsdoel"] == "G24" for m in after for a in m["aantallen"])


def test_the_pause_is_explicitly_empty_and_ends_in_a_burst(feed):
    written = feed("pause-2022", date(2022, 1, 1), date(2022, 5, 31))
    per_day = {m["periode"]["tot"]: m["aantal"] for m in written.manifests.values()}
    paused = [n for day, n in per_day.items() if "2022-01-17" <= day < "2022-03-01"]
    assert max(paused) <= 5
    burst = [n for day, n in per_day.items() if "2022-03-25" <= day <= "2022-04-05"]
    assert min(burst) > 300
    assert {p.segment.as_dict()["doelgroep"] for p in written.truth.paused} == {
        "asielstatushouder",
        "gezinsmigrant",
        "overige migrant",
    }
    assert written.truth.missing == ()
    assert "0457" not in {
        r["gemeentecode"]
        for d, m in written.manifests.items()
        if m["periode"]["tot"] >= "2022-03-24"
        for r in written.rows(d)
    }
