"""Both ends, compared without a list of keys."""

from __future__ import annotations

import stat
from datetime import date

import pytest

from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.reconcile import (
    BucketDigest,
    compare_digests,
    digest,
    load_delivered_persons,
    open_registered_persons,
    write_members,
)

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
    numbers = {int(keys.make_pseudonym(f"{n:010d}").split(":")[1][:2], 16) >> 3 for n in (398, 399, 500, 501, 502)}
    assert {d.bucket for d in found} == numbers
    assert sum(d.theirs - d.ours for d in found) == 1

    lists = []
    for name, side in (("ours", ours), ("theirs", theirs)):
        target = tmp_path / f"{name}.csv"
        written = write_members(side, [d.bucket for d in found], bits=5, target=target)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        lists.append(set(target.read_text().splitlines()[1:]))
        assert len(lists[-1]) == written
    short = {keys.make_pseudonym(f"{n:010d}")[: len("k2:") + 32] for n in (398, 399, 500, 501, 502)}
    assert lists[0] ^ lists[1] == short


def test_a_second_digest_drills_into_some_buckets_only(sides):
    ours, theirs = sides
    coarse = [d.bucket for d in compare_digests(digest(ours, bits=2), digest(theirs, bits=2))]
    drilled = [digest(side, bits=4, within=coarse, within_bits=2) for side in sides]
    assert {number >> 2 for number in drilled[0].buckets} <= set(coarse)
    assert {d.bucket >> 2 for d in compare_digests(*drilled)} <= set(coarse)
    assert compare_digests(*drilled)


def test_those_still_under_way_can_be_left_out(delivered, load, a_delivery, register, keys):
    delivered.add(a_delivery(1, DAY), load([row(n) for n in range(50)]))
    rows = [*(row(n)[:4] for n in range(50)), row(60, "2022-02-28")[:4], row(61, "")[:4]]
    with open_registered_persons(register(rows), keys) as theirs:
        until = date(2022, 2, 15)
        ours = digest(load_delivered_persons(delivered, DAY), bits=2, decided_until=until)
        assert digest(theirs, bits=2, decided_until=until) == ours
        assert digest(theirs, bits=2).persons == 52


def test_a_digest_is_read_back_as_it_was_written_and_only_its_owner_can_read_it(sides, tmp_path):
    made = digest(sides[0], decided_until=DAY)
    made.write(tmp_path / "digest.txt")
    assert BucketDigest.read(tmp_path / "digest.txt") == made
    assert stat.S_IMODE((tmp_path / "digest.txt").stat().st_mode) == 0o600
    assert made.bits == 4


def test_so_many_buckets_that_they_show_single_persons_are_refused(sides):
    with pytest.raises(ConfigError, match="reveals them"):
        digest(sides[0], bits=8)


def test_digests_that_were_made_otherwise_are_not_compared(sides):
    ours, theirs = sides
    with pytest.raises(ConfigError, match="bits"):
        compare_digests(digest(ours, bits=2), digest(theirs, bits=3))
    with pytest.raises(ConfigError, match="decided_until"):
        compare_digests(digest(ours, bits=2), digest(theirs, bits=2, decided_until=DAY))


@pytest.mark.parametrize("text", ["", "{}", "[]", "secret person", '{"schema": "other"}'])
def test_what_is_no_digest_is_refused_and_not_quoted(tmp_path, text):
    (tmp_path / "d.txt").write_text(text)
    with pytest.raises(UnreadableDelivery, match="line 1") as refused:
        BucketDigest.read(tmp_path / "d.txt")
    assert "secret" not in str(refused.value)


def test_a_line_that_is_no_bucket_is_named_and_not_quoted(sides, tmp_path):
    digest(sides[0]).write(tmp_path / "d.txt")
    with (tmp_path / "d.txt").open("a") as stream:
        stream.write("secret person\n")
    with pytest.raises(UnreadableDelivery, match="line 18 is not a bucket"):
        BucketDigest.read(tmp_path / "d.txt")


def test_a_key_under_which_nothing_was_delivered_is_refused(delivered):
    with pytest.raises(ConfigError, match="key k2"):
        load_delivered_persons(delivered, DAY)
