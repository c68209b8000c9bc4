"""What a comparison finds, refuses, and never lets out."""

from __future__ import annotations

import csv
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.catchup import Backlog, Clock, Starts
from ketenwacht.domain.delivery import Delivery, DeliveryKind, Presence
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.successors import CodeSuccessors, Succession
from ketenwacht.errors import ConfigError, DeliveryError, KetenwachtError, UnreadableDelivery
from ketenwacht.reconcile import (
    DeliveredKeys,
    KeyColumns,
    Keys,
    ReconciliationTerms,
    pseudonymise,
    reconcile,
    write_extra,
    write_missing,
)

pytestmark = pytest.mark.integration

DAY = date(2022, 3, 1)
TERMS = ReconciliationTerms(
    reference_date=DAY,
    at=datetime(2022, 3, 2, tzinfo=UTC),
    segments=((), ("group",), ("group", "elsewhere")),
    backlog=("town",),
)
MARKED = "6666666666"  # a person who must show nowhere


def row(number, group="a", town="x", decided="2022-02-01", does="new"):
    key = number if isinstance(number, str) else f"{number:010d}"
    return (key, group, town, decided, does)


def registered(*rows):
    return [one[:4] for one in rows]


def test_ages_are_stored_from_ten_persons_on(delivered, load, register, a_delivery):
    early = [row(n, decided="2022-01-01") for n in range(100, 120)]
    slow = [row(n, decided="2022-02-01") for n in range(9)]
    quick = [row(n, "b", decided="2022-02-18") for n in range(20, 30)]
    delivered.add(a_delivery(1, date(2022, 1, 30)), load(early))
    delivered.add(a_delivery(2, date(2022, 2, 20)), load([*slow, *quick]))
    whole, a, b = reconcile(delivered, register(registered(*early, *slow, *quick)), TERMS).counts
    assert (whole.late, whole.recent, whole.recent_late) == (29, 19, 9)
    assert (whole.age_p50, whole.age_p95, whole.age_longest) == (2, 19, 19)
    assert (a.recent, a.recent_late, a.age_p95) == (9, 9, None)
    assert (b.recent, b.recent_late, b.age_longest) == (10, 0, 2)


def test_both_directions_per_segment_with_ages(delivered, load, register, a_delivery):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(1), row(2), row(3, "b"), row(9)]))
    delivered.add(a_delivery(2, date(2022, 2, 20)), load([row(4, town="y")]))
    found = reconcile(
        delivered,
        register(
            registered(
                row(1),
                row(2, "b"),
                row(3, "b"),
                row(4),
                row(5, decided="20220105"),
                row(6, "b", decided="2022-01-20T08:00"),
                row(7, decided="2022-02-20"),
                row("", decided="2022-02-20"),
                row(1, decided="2022-02-02"),
            )
        ),
        TERMS,
    )
    whole = found.whole
    assert (whole.registered, whole.matched, whole.late, whole.pending, whole.missing) == (7, 3, 1, 1, 2)
    assert (whole.extra, whole.different, whole.first_missing) == (1, 2, date(2022, 1, 3))
    assert [c.segment for c in found.counts] == [WHOLE, Segment.of({"group": "a"}), Segment.of({"group": "b"})]
    assert [(c.registered, c.missing, c.extra) for c in found.counts] == [(7, 2, 1), (4, 1, 1), (3, 1, 0)]
    assert found.differences == {"group": 1, "town": 1}
    assert (found.late.count, found.late.longest, found.overdue.longest) == (1, 19, 55)
    assert found.backlog == (
        Backlog(Segment.of({"town": "x"}), date(2022, 1, 5), 1),
        Backlog(Segment.of({"town": "x"}), date(2022, 1, 20), 1),
    )
    assert (found.duplicates, found.register_without_key, found.deliveries, found.clean) == (1, 1, 2, False)


def test_each_segment_knows_where_its_missing_are_and_which_terms_run(delivered, load, register, a_delivery):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(1)]))
    missing = [
        row(2, decided="2022-01-05"),
        row(3, decided="2022-01-20", town="y"),
        row(4, decided="2022-01-20", town="y"),
        row(5, "b", decided="2022-01-27", town="y"),
    ]
    objection = Clock(name="objection", term=timedelta(days=42), starts=Starts.DECISION)
    terms = replace(TERMS, clocks=(objection,))

    whole, a, b = reconcile(delivered, register(registered(row(1), *missing)), terms).counts

    x, y = Segment.of({"town": "x"}), Segment.of({"town": "y"})
    assert (whole.impact.count, whole.impact.parts) == (4, ((y, 3), (x, 1)))
    assert (a.impact.count, a.impact.parts) == (3, ((y, 2), (x, 1)))
    assert (b.impact.count, b.impact.parts) == (1, ((y, 1),))
    (term,) = whole.impact.terms
    assert (term.clock, term.passed, term.soon, term.waiting) == (objection, 1, 3, 0)


def test_a_catch_up_does_not_count_as_timeliness(delivered, load, register, a_delivery):
    usual = [row(n, decided="2022-02-20") for n in range(10)]
    delivered.add(a_delivery(1, date(2022, 2, 22)), load(usual))
    back = [row(n, decided="2022-01-03") for n in range(10, 30)]
    delivered.add(a_delivery(2, date(2022, 2, 23), kind=DeliveryKind.CATCH_UP), load(back))
    whole = reconcile(delivered, register(registered(*usual, *back)), TERMS).whole
    assert (whole.matched, whole.late) == (10, 20)
    assert (whole.recent, whole.recent_late, whole.age_longest) == (10, 0, 2)


def test_the_sla_is_counted_in_whole_local_days(delivered, keys, load, register):
    late_evening = datetime(2022, 2, 15, 23, 30, tzinfo=UTC)  # the 16th in Amsterdam
    for zone, late in ((UTC, 0), (ZoneInfo("Europe/Amsterdam"), 1)):
        with DeliveredKeys(delivered.columns, keys, zone=zone) as account:
            account.add(Delivery("f", "1", date(2022, 2, 15), arrived_at=late_evening), load([row(1)]))
            assert reconcile(account, register(registered(row(1))), TERMS).whole.late == late


def test_the_same_delivery_twice_adds_nothing(delivered, load, a_delivery):
    assert delivered.add(a_delivery(1, DAY), load([row(1)])) == 1
    assert delivered.add(a_delivery(1, DAY), load([row(1)])) == 1
    assert len(delivered.entries) == 1


def test_a_pseudonymised_register_finds_the_same(delivered, load, register, a_delivery, keys, tmp_path):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(n) for n in range(20)]))
    clear = register(registered(*(row(n, decided="2022-01-10") for n in range(5, 30))))
    target = tmp_path / "sent.csv"
    pseudonymise(clear.path, target, key=("key",), keep=("group", "town", "decided"), keys=keys)
    assert reconcile(delivered, replace(clear, path=target), TERMS) == reconcile(delivered, clear, TERMS)


def test_a_register_of_an_older_key_is_still_compared_and_of_an_unknown_one_refused(
    delivered, load, register, a_delivery, keys, tmp_path
):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(n) for n in range(20)]))
    clear, target = register(registered(*(row(n) for n in range(20)))), tmp_path / "sent.csv"
    kept = ("group", "town", "decided")
    pseudonymise(clear.path, target, key=("key",), keep=kept, keys=Keys.of({"k1": bytes(range(32))}))
    found = reconcile(delivered, replace(clear, path=target), TERMS)
    assert (found.key_id, found.whole.matched) == ("k1", 20)
    pseudonymise(clear.path, target, key=("key",), keep=kept, keys=Keys.of({"k7": bytes(range(99, 140))}))
    with pytest.raises(ConfigError, match="k7"):
        reconcile(delivered, replace(clear, path=target), TERMS)


def test_two_pseudonymised_sides_need_no_key_at_all(load, register, a_delivery, keys):
    pseudonyms = [row(keys.make_pseudonym(str(n))) for n in range(10)]
    columns = KeyColumns(key=("key",), segments=("group", "town"), decided="decided")
    with DeliveredKeys(columns) as account:
        account.add(a_delivery(1, date(2022, 2, 4)), load(pseudonyms[:8]))
        found = reconcile(account, replace(register(registered(*pseudonyms)), columns=columns), TERMS)
    assert (found.whole.matched, found.whole.missing) == (8, 2)


def test_only_the_missing_are_listed_and_only_for_the_owner_of_the_file(
    delivered, load, register, a_delivery, keys, tmp_path
):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(1), row(2), row(8)]))
    chosen = register(registered(row(1), row(2), row(3), row(4, "b", "y"), row(5, decided="2022-02-28")))
    target = tmp_path / "missing.csv"
    assert write_missing(delivered, chosen, TERMS, target) == 2
    rows = list(csv.DictReader(target.read_text().splitlines(), delimiter=";"))
    assert {r["pseudonym"] for r in rows} == {keys.make_pseudonym(f"{n:010d}") for n in (3, 4)}
    assert {r["group"] for r in rows} == {"a", "b"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert write_extra(delivered, chosen, TERMS, target) == 1
    assert keys.make_pseudonym(f"{8:010d}").startswith(target.read_text().splitlines()[1].split(";")[0])
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


HASHES = [("a" * 64), ("0" * 32), "A" * 43 + "="]


@pytest.mark.parametrize("plain", HASHES)
def test_a_register_of_plain_hashes_is_refused(delivered, load, register, a_delivery, plain):
    delivered.add(a_delivery(1, DAY), load([row(1)]))
    with pytest.raises(ConfigError, match="plain hashes"):
        reconcile(delivered, register(registered(row(plain))), TERMS)


@pytest.mark.parametrize("plain", HASHES)
def test_a_delivery_of_plain_hashes_is_refused(delivered, load, a_delivery, plain):
    with pytest.raises(ConfigError, match="plain hashes"):
        delivered.add(a_delivery(1, DAY), load([row(plain)]))
    assert delivered.entries == []


def keyed(number, key_id="k2", digit="a"):
    return f"{key_id}:{digit * 63}{number % 10}"


BROKEN = [
    (
        "one key is no pseudonym",
        registered(row(keyed(1)), *(row(keyed(n)) for n in range(1500)), row(MARKED)),
        UnreadableDelivery,
    ),
    (
        "one pseudonym is not hex",
        registered(*(row(keyed(n)) for n in range(1500)), row(keyed(1, digit="z"))),
        UnreadableDelivery,
    ),
    ("two keys in one file", registered(row(keyed(1)), row(keyed(1, "k1"))), ConfigError),
    ("a key id that is no name", registered(row(keyed(1, "k' OR 'x"))), ConfigError),
    ("no key at all", registered(row("")), UnreadableDelivery),
    ("a line too long", [(*row(MARKED)[:4], MARKED)], UnreadableDelivery),
]


@pytest.mark.parametrize(("sentence", "rows", "fault"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_register_is_refused_without_quoting_anybody(
    delivered, load, register, a_delivery, sentence, rows, fault
):
    delivered.add(a_delivery(1, DAY), load([row(1)]))
    with pytest.raises(fault) as refused:
        reconcile(delivered, register(rows), TERMS)
    assert MARKED not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_delivery_without_a_key_column_or_that_was_not_read_is_refused(delivered, load, a_delivery):
    with pytest.raises(DeliveryError, match="no column key"):
        delivered.add(a_delivery(1, DAY), load([(MARKED,)], header=("other",)))
    unread = replace(a_delivery(1, DAY), presence=Presence.UNREADABLE)
    with pytest.raises(DeliveryError, match="not read"):
        delivered.add(unread, load([row(1)]))


def test_a_delivery_without_a_segment_column_makes_nobody_differ_or_lost(delivered, load, register, a_delivery):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([("0000000001", "a")], header=("key", "group")))
    found = reconcile(delivered, register(registered(row(1))), TERMS)
    assert (found.whole.matched, found.differences) == (1, {"group": 0, "town": 0})


def test_clear_keys_without_a_key_to_sign_with_are_refused(load, a_delivery):
    with DeliveredKeys(KeyColumns(key=("key",))) as account, pytest.raises(ConfigError, match="no key to sign"):
        account.add(a_delivery(1, DAY), load([row(1)]))


def test_no_person_shows_in_an_outcome_or_an_error(delivered, load, register, a_delivery, tmp_path, capfd):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(MARKED), row(1)]))
    chosen = register(registered(row(MARKED), row(2), row("7777777777", decided="not a date")))
    said = [repr(reconcile(delivered, chosen, TERMS)), repr(delivered.entries)]
    for broken in (tmp_path / "no" / "file.csv", tmp_path):
        with pytest.raises(KetenwachtError) as refused:
            write_missing(delivered, chosen, TERMS, broken)
        said.append(str(refused.value))
    said += capfd.readouterr()
    assert not any(MARKED in text or "7777777777" in text for text in said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.csv"]


def test_segment_values_outside_the_agreement_are_compared_as_one(delivered, keys, load, register, a_delivery):
    guard = Guard(codes={"group": frozenset({"a"})})
    with DeliveredKeys(delivered.columns, keys, guard=guard) as account:
        account.add(a_delivery(1, date(2022, 2, 4)), load([row(1), row(2, "Jansen"), row(3, town="1234 AB")]))
        found = reconcile(
            account, register(registered(row(1), row(2, "Pietersen"), row(3, town="1234 AC"))), TERMS
        )
    counted = {dict(count.segment.pairs).get("group"): count.matched for count in found.counts}
    assert counted == {None: 3, "a": 2, OTHER: 1}
    assert not any(name in repr(found) for name in ("Jansen", "Pietersen", "1234"))


def test_a_register_without_its_header_is_refused_without_a_word_of_it(delivered, load, register, a_delivery):
    delivered.add(a_delivery(1, DAY), load([row(1)]))
    headless = register(registered(row(2)), header=(MARKED, "Jansen", "y", "2022-01-01"))
    with pytest.raises(ConfigError, match="has no column key among its 4") as refused:
        reconcile(delivered, headless, TERMS)
    assert not any(name in str(refused.value) for name in (MARKED, "Jansen"))


def test_the_workspace_spills_into_its_folder_and_leaves_nothing(tmp_path: Path, keys, load, a_delivery):
    from ketenwacht.reconcile import Resources  # noqa: PLC0415 - used here only

    spill = tmp_path / "spill"
    with DeliveredKeys(
        KeyColumns(key=("key",)), keys, resources=Resources(memory="200MiB", spill=spill, threads=1)
    ) as account:
        account.add(a_delivery(1, DAY), load([row(1)]))
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in spill.iterdir()] == [0o700]
    assert list(spill.iterdir()) == []


def test_persons_without_a_date_are_never_pending(delivered, load, register, a_delivery):
    delivered.add(a_delivery(1, date(2022, 2, 4)), load([row(1)]))
    found = reconcile(delivered, register(registered(row(1, decided=""), row(2, decided="soon"))), TERMS)
    assert (found.whole.matched, found.whole.missing, found.undated) == (1, 1, 2)
    assert found.backlog == (Backlog(Segment.of({"town": "x"}), None, 1),)
    assert TERMS.sla == timedelta(days=14)


KEY_AND_PLACE = KeyColumns(key=("key",), segments=("group", "town"), decided="decided")
MERGED = CodeSuccessors({"town": (Succession("0457", date(2022, 3, 23), "0363"),)})


@pytest.mark.parametrize(
    ("sentence", "day", "sent", "registered", "different"),
    [
        ("a merger of towns is no difference", date(2022, 4, 1), "0457", "0363", 0),
        ("… nor when the register still has the old code", date(2022, 4, 1), "0363", "0457", 0),
        ("before the merger the two towns differ", date(2022, 3, 20), "0457", "0363", 1),
        ("another town differs", date(2022, 4, 1), "0457", "0014", 1),
    ],
)
def test_codes_are_compared_after_their_successors(
    keys, load, a_delivery, register, sentence, day, sent, registered, different
):
    with DeliveredKeys(KEY_AND_PLACE, keys, guard=Guard(successors=MERGED)) as account:
        delivery = a_delivery(1, date(2022, 3, 1))
        account.add(delivery, load([("P1", "a", sent, "2022-02-28", "grant")]))
        found = reconcile(
            account,
            register([("P1", "a", registered, "2022-02-28")]),
            ReconciliationTerms(reference_date=day, at=datetime(2022, 4, 2, tzinfo=UTC), segments=[("town",)]),
        )
    assert found.whole.different == different, sentence
    assert found.whole.matched == 1
    towns = {count.segment.as_dict()["town"] for count in found.counts if count.segment.pairs}
    assert towns == {registered if different else "0363"}


@pytest.mark.parametrize(
    ("sentence", "header", "registered", "different"),
    [
        ("a column in capitals is compared as if it were not", ("KEY", "Group", "town"), ("a", "x"), 0),
        ("… and its values may differ", ("KEY", "Group", "town"), ("b", "x"), 1),
        ("so is a padded one", (" key", "group ", "town"), ("a", "x"), 0),
        ("a renamed column says nothing of its persons", ("key", "kind", "town"), ("b", "x"), 0),
        ("… and another column is still compared", ("key", "kind", "town"), ("b", "y"), 1),
    ],
)
def test_a_changed_header_makes_nobody_differ(
    delivered, load, a_delivery, register, sentence, header, registered, different
):
    rows = [("P1", "a", "x", "2022-02-28", "grant"), ("P2", "a", "x", "2022-02-28", "grant")]
    delivered.add(a_delivery(1, date(2022, 3, 1)), load(rows, (*header, "decided", "does")))
    found = reconcile(
        delivered,
        register([("P1", *registered, "2022-02-28")]),
        ReconciliationTerms(
            reference_date=date(2022, 4, 1), at=datetime(2022, 4, 2, tzinfo=UTC), segments=[("group",)]
        ),
    )
    assert (found.whole.different, found.whole.matched, found.whole.extra) == (different, 1, 1), sentence
    assert sum(found.differences.values()) == different, sentence
    group = "" if "kind" in header else "a"
    assert {count.segment.as_dict()["group"] for count in found.counts[1:] if count.extra} == {group}
