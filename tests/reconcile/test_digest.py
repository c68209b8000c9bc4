"""Both ends, compared without a list of keys."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import date

import pytest

from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.reconcile import (
    BucketDifference,
    BucketDigest,
    BucketName,
    compare_digests,
    digest,
    load_delivered_persons,
    open_registered_persons,
    write_members,
)
from ketenwacht.reconcile.digest import LEAST_PERSONS, SCHEMA, Bucket, join_small

pytestmark = pytest.mark.integration

DAY = date(2022, 3, 1)


def row(number, decided="2022-01-10", does="new"):
    return (f"{number:010d}", "a", "x", decided, does)


@pytest.fixture
def sides(delivered, load, register, a_delivery, keys):
    """Delivered are 400, one of them twice, one withdrawn; registered all but the last two, and three more."""
    delivered.add(a_delivery(1, DAY), load([row(n) for n in range(250)]))
    delivered.add(
        a_delivery(2, DAY), load([*(row(n) for n in range(249, 400)), row(999), row(999, does="withdrawal")])
    )
    ours = load_delivered_persons(delivered, DAY)
    with open_registered_persons(register([row(n)[:4] for n in (*range(398), 500, 501, 502)]), keys) as theirs:
        yield ours, theirs


def test_the_same_persons_give_the_same_digest_in_whatever_order(delivered, load, a_delivery, register, keys):
    delivered.add(a_delivery(1, DAY), load([row(n) for n in range(100)]))
    with open_registered_persons(register([row(n)[:4] for n in reversed(range(100))]), keys) as theirs:
        assert digest(theirs, bits=3) == digest(load_delivered_persons(delivered, DAY), bits=3)


def test_only_the_buckets_of_those_who_differ_are_found(sides, keys, tmp_path):
    ours, theirs = sides
    found = compare_digests(digest(ours, bits=5), digest(theirs, bits=5))
    made = keys.derive_key("k2", f"{SCHEMA}|")
    hexes = [keys.make_pseudonym(f"{n:010d}").split(":")[1][:32] for n in (398, 399, 500, 501, 502)]
    first = {hmac.new(made, one.encode(), "sha256").digest()[0] >> 3 for one in hexes}
    assert {BucketName(5, number) for number in first} == {d.bucket for d in found}
    assert sum(d.theirs - d.ours for d in found) == 1

    lists = []
    for name, side in (("ours", ours), ("theirs", theirs)):
        target = tmp_path / f"{name}.csv"
        written = write_members(side, [d.bucket for d in found], target=target)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        lists.append(set(target.read_text().splitlines()[1:]))
        assert len(lists[-1]) == written
    short = {keys.make_pseudonym(f"{n:010d}")[: len("k2:") + 32] for n in (398, 399, 500, 501, 502)}
    assert lists[0] ^ lists[1] == short


def test_a_second_digest_drills_into_some_buckets_only(sides):
    ours, theirs = sides
    coarse = [d.bucket for d in compare_digests(digest(ours, bits=2), digest(theirs, bits=2))]
    drilled = [digest(side, bits=4, within=coarse) for side in sides]
    assert {name.cut(2) for name in drilled[0].buckets} <= set(coarse)
    assert {d.bucket.cut(2) for d in compare_digests(*drilled)} <= set(coarse)
    assert compare_digests(*drilled)


def test_those_still_under_way_can_be_left_out(delivered, load, a_delivery, register, keys):
    delivered.add(a_delivery(1, DAY), load([row(n) for n in range(50)]))
    rows = [*(row(n)[:4] for n in range(50)), row(60, "2022-02-28")[:4], row(61, "")[:4]]
    with open_registered_persons(register(rows), keys) as theirs:
        until = date(2022, 2, 15)
        ours = digest(load_delivered_persons(delivered, DAY), bits=2, decided_until=until)
        assert digest(theirs, bits=2, decided_until=until) == ours
        assert digest(theirs, bits=2).persons == 52


def test_a_last_decision_date_is_refused_where_nobody_has_a_date(delivered, load, a_delivery):
    delivered.add(a_delivery(1, DAY), load([row(n, "") for n in range(50)]))
    persons = load_delivered_persons(delivered, DAY)
    for asked in (lambda: digest(persons, bits=2, decided_until=DAY), lambda: persons.count(DAY)):
        with pytest.raises(ConfigError, match=r"--until.*date of decision.*give --decided-column"):
            asked()
    assert digest(persons, bits=2).persons == 50


def test_a_digest_is_read_back_as_it_was_written_and_only_its_owner_can_read_it(sides, tmp_path):
    made = digest(sides[0], decided_until=DAY)
    made.write(tmp_path / "digest.txt")
    assert BucketDigest.read(tmp_path / "digest.txt") == made
    assert stat.S_IMODE((tmp_path / "digest.txt").stat().st_mode) == 0o600
    assert made.bits == 4


@pytest.mark.parametrize("bits", [3, 5, 8, 12, 20])
def test_however_many_buckets_are_asked_for_each_holds_enough_persons_or_nobody(sides, bits):
    made = [digest(side, bits=bits) for side in sides]
    for side in made:
        assert min(bucket.persons for bucket in side.buckets.values()) >= LEAST_PERSONS
        assert sum(bucket.persons for bucket in side.buckets.values()) == side.persons
    assert compare_digests(*made)


def test_joined_buckets_of_one_side_are_held_against_the_parts_of_the_other():
    fine = {BucketName(2, n): Bucket(10, 100 + n, 7 + n) for n in range(4)}
    one = BucketDigest("f", "k", 2, None, 40, fine)
    small = {**fine, BucketName(2, 3): Bucket(3, 5, 9)}
    joined = join_small(small, 2)
    assert joined == {
        BucketName(2, 0): fine[BucketName(2, 0)],
        BucketName(2, 1): fine[BucketName(2, 1)],
        BucketName(1, 1): Bucket(13, 107, 9 ^ 9),
    }
    other = BucketDigest("f", "k", 2, None, 33, joined)
    assert compare_digests(one, other) == (BucketDifference(BucketName(1, 1), 20, 13),)
    assert compare_digests(one, one) == ()


def test_fewer_persons_than_a_bucket_may_hold_are_refused(delivered, load, a_delivery):
    delivered.add(a_delivery(1, DAY), load([row(n) for n in range(LEAST_PERSONS - 1)]))
    with pytest.raises(ConfigError, match="fewer than 8"):
        digest(load_delivered_persons(delivered, DAY), bits=0)


def read_persons(one, other):
    """What a thief finds who subtracts two digests: the ids in buckets that differ by one person."""
    shared = {name for name in one.buckets if name in other.buckets}
    found = set()
    for name in shared:
        (n, total, mixed), (m, less, unmixed) = one.buckets[name], other.buckets[name]
        if abs(n - m) == 1:
            low = (total - less if n > m else less - total) & (1 << 64) - 1
            found.add(f"{mixed ^ unmixed:016x}{low:016x}")
    return found


@pytest.mark.parametrize("bits", [4, 9, 14])
def test_from_both_files_no_pseudonym_and_no_person_can_be_read(sides, keys, bits):
    one, other = (digest(side, bits=bits) for side in sides)
    pseudonyms = {keys.make_pseudonym(f"{n:010d}", k).split(":")[1][:32] for n in range(1000) for k in keys.ids}
    plain = {hashlib.sha256(f"{n:010d}".encode()).hexdigest()[:32] for n in range(1000)}
    found = read_persons(one, other)
    assert found, "the attack itself must work, or this test proves nothing"
    assert not found & (pseudonyms | plain)
    for side in (one, other):
        alone = {f"{bucket.mixed:016x}{bucket.total:016x}" for bucket in side.buckets.values()}
        assert not alone & (pseudonyms | plain | found)


def test_digests_of_two_dates_cannot_be_subtracted(sides):
    ours, _ = sides
    one, other = digest(ours, bits=2), digest(ours, bits=2, decided_until=DAY)
    assert one.persons == other.persons
    assert not {b.total for b in one.buckets.values()} & {b.total for b in other.buckets.values()}


def test_digests_that_were_made_otherwise_are_not_compared(sides):
    ours, theirs = sides
    with pytest.raises(ConfigError, match="bits"):
        compare_digests(digest(ours, bits=2), digest(theirs, bits=3))
    with pytest.raises(ConfigError, match="decided_until"):
        compare_digests(digest(ours, bits=2), digest(theirs, bits=2, decided_until=DAY))
    with pytest.raises(ConfigError, match="different feed: a and b"):
        compare_digests(digest(ours, bits=2, feed="a"), digest(theirs, bits=2, feed="b"))
    assert compare_digests(digest(ours, bits=2, feed="a"), digest(theirs, bits=2))


@pytest.mark.parametrize("text", ["", "{}", "[]", "secret person", '{"schema": "other"}', "\xe9"])
def test_what_is_no_digest_is_refused_and_not_quoted(tmp_path, text):
    (tmp_path / "d.txt").write_text(text)
    with pytest.raises(UnreadableDelivery, match="does not begin with the head") as refused:
        BucketDigest.read(tmp_path / "d.txt")
    assert "secret" not in str(refused.value)


def test_a_line_that_is_no_bucket_is_named_and_not_quoted(sides, tmp_path):
    digest(sides[0]).write(tmp_path / "d.txt")
    head, *lines = (tmp_path / "d.txt").read_text().splitlines()
    (tmp_path / "d.txt").write_text("\n".join([head, "secret person", *lines]) + "\n")
    with pytest.raises(UnreadableDelivery, match="line 2 is not a bucket") as refused:
        BucketDigest.read(tmp_path / "d.txt")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("kept", [1, 3, -1], ids=["the head only", "some lines", "all but the end"])
def test_a_digest_that_was_cut_short_is_refused(sides, tmp_path, kept):
    digest(sides[0]).write(tmp_path / "d.txt")
    lines = (tmp_path / "d.txt").read_text().splitlines()
    (tmp_path / "d.txt").write_text("\n".join(lines[:kept]) + "\n")
    with pytest.raises(UnreadableDelivery, match="cut short"):
        BucketDigest.read(tmp_path / "d.txt")


def test_a_digest_of_the_version_before_is_refused_with_what_was_expected(tmp_path):
    head = '{"schema": "ketenwacht/digest/1", "key_id": "k2", "bits": 0, "decided_until": null, "persons": 9}'
    (tmp_path / "d.txt").write_text(f"{head}\n0;9;00;00\n")
    with pytest.raises(UnreadableDelivery, match="ketenwacht/digest/2"):
        BucketDigest.read(tmp_path / "d.txt")


def test_a_key_under_which_nothing_was_delivered_is_refused(delivered):
    with pytest.raises(ConfigError, match="key k2"):
        load_delivered_persons(delivered, DAY)
