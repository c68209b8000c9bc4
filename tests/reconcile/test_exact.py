"""An exact digest: made by one party, answered by the other, useless to anybody else."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import date

import pytest

from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.reconcile import Keys, load_delivered_persons, look_up, open_registered_persons
from ketenwacht.reconcile.exact import (
    LEAST_IN_CELL,
    ExactDigest,
    ExactTerms,
    SparseCellError,
    choose_cells,
    compare_exact,
    is_exact_list,
    look_up_exact,
    make_exact,
    write_extra_ids,
    write_ids,
)

DAY = date(2022, 3, 1)
NONCES = [f"{n:032x}" for n in range(1, 60)]
LOST, EXTRA = (398, 399), (500, 501, 502)


def row(number):
    return (f"{number:010d}", "a", "x", "2022-01-10", "new")


@pytest.fixture
def sides(delivered, load, register, a_delivery, keys):
    """Delivered are 0 to 397 and three who are not registered; registered are 0 to 399."""
    delivered.add(a_delivery(1, DAY), load([row(n) for n in (*range(398), *EXTRA)]))
    file = register([row(n)[:4] for n in range(400)])
    with open_registered_persons(file, keys) as theirs:
        yield load_delivered_persons(delivered, DAY), theirs, file


def made(persons, cells=30, **terms):
    """A digest with the first nonce that fills every cell."""
    for nonce in NONCES:
        try:
            return make_exact(
                persons, ExactTerms(**{"feed": "f", "key_id": "k2", "until": None, **terms, "nonce": nonce}), cells
            )
        except SparseCellError:
            continue
    raise AssertionError


def test_the_other_party_learns_exactly_who_is_missing_and_extra_and_the_sender_finds_their_rows(
    sides, keys, tmp_path
):
    ours, theirs, register = sides
    sent = tmp_path / "sender.exact"
    digest = made(theirs)
    size = digest.write(sent, keys)
    assert (size, stat.S_IMODE(sent.stat().st_mode)) == (sent.stat().st_size, 0o600)
    read = ExactDigest.read(sent, keys)
    found = compare_exact(ours, read)
    assert (len(found.missing), len(found.extra), found.complete) == (2, 3, True)

    write_ids(read.terms, found.missing, tmp_path / "missing.csv")
    assert is_exact_list(tmp_path / "missing.csv")
    rows = tmp_path / "rows.csv"
    assert look_up_exact(register.path, tmp_path / "missing.csv", rows, key=("key",), keys=keys) == (2, 2)
    assert {line.split(";")[0] for line in rows.read_text().splitlines()[1:]} == {row(n)[0] for n in LOST}

    named = tmp_path / "named.csv"
    named.write_text(register.path.read_text().replace("key", "id", 1))
    found_again = look_up_exact(named, tmp_path / "missing.csv", rows, key=("id",), keys=keys)
    assert found_again == (2, 2), "also where the key column is called id"

    write_extra_ids(ours, read.terms, found.extra, tmp_path / "extra.csv")
    short = {keys.make_pseudonym(row(n)[0])[: len("k2:") + 32] for n in EXTRA}
    assert set((tmp_path / "extra.csv").read_text().splitlines()[1:]) == short
    for name in ("missing.csv", "rows.csv", "extra.csv"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_equal_sides_differ_in_nobody(sides):
    _, theirs, _ = sides
    found = compare_exact(theirs, made(theirs))
    assert (found.missing, found.extra, found.complete) == ((), (), True)


def test_too_few_cells_say_at_least_and_more_cells_of_the_same_nonce_say_all(sides):
    ours, theirs, _ = sides
    digest = made(theirs)
    few = make_exact(theirs, digest.terms, 3)
    assert not compare_exact(ours, few).complete
    assert digest.sketch.to_bytes().startswith(few.sketch.to_bytes())


def test_every_cell_holds_enough_persons(sides):
    _, theirs, _ = sides
    assert made(theirs, cells=44).sketch.counts.min() >= LEAST_IN_CELL
    with pytest.raises(SparseCellError):
        make_exact(theirs, ExactTerms("f", "k2", None, NONCES[0]), 400)


@pytest.mark.parametrize(
    ("sentence", "persons", "expected", "cells"),
    [
        ("as many as are safe", 36_729, None, 4081),
        ("for as many as are expected", 36_729, 1000, 1660),
        ("a large feed gets no more than it can need", 10_000_000, None, 50_000),
    ],
)
def test_how_many_cells_a_file_gets(sentence, persons, expected, cells):
    assert choose_cells(persons, expected) == cells, sentence


@pytest.mark.parametrize(("persons", "expected"), [(8, None), (1000, 500)], ids=["hardly anybody", "half differs"])
def test_a_digest_that_would_be_no_secret_or_no_gain_is_refused(persons, expected):
    with pytest.raises(ConfigError):
        choose_cells(persons, expected)


def test_a_file_that_was_cut_short_or_changed_or_is_something_else_is_refused(sides, keys, tmp_path):
    _, theirs, _ = sides
    path = tmp_path / "d.exact"
    made(theirs).write(path, keys)
    content = path.read_bytes()
    broken = {
        "cut short": content[:-5],
        "something was added": content + b"x",
        "changed": content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
        "of ketenwacht/exact/9, and one of ketenwacht/exact/1 was": content.replace(b"exact/1", b"exact/9", 1),
        "of ketenwacht/digest/2, and one of": b'{"schema": "ketenwacht/digest/2"}\n',
        "head of ketenwacht/exact/1": b'{"schema": "9149260449"}\n',
        "head": b"",
    }
    for why, changed in broken.items():
        path.write_bytes(changed)
        with pytest.raises(UnreadableDelivery, match=why):
            ExactDigest.read(path, keys)
    head = content.replace(b'"persons": 400', b'"persons": 399', 1)
    path.write_bytes(head)
    with pytest.raises(UnreadableDelivery, match="changed"):
        ExactDigest.read(path, keys)


def test_a_file_of_another_key_is_refused_with_what_was_expected(sides, keys, tmp_path):
    _, theirs, _ = sides
    path = tmp_path / "d.exact"
    made(theirs).write(path, keys)
    with pytest.raises(ConfigError, match="key k2, which is not among k9"):
        ExactDigest.read(path, Keys.of({"k9": bytes(range(32))}))
    with pytest.raises(UnreadableDelivery, match="another key of the same id"):
        ExactDigest.read(path, Keys.of({"k2": bytes(range(7, 39))}))


def test_a_thief_without_the_key_reads_nobody_from_one_file_or_two(sides, keys, tmp_path):
    """The thief knows every number there is, the format, both parties' files, and a file of the day after."""
    ours, theirs, _ = sides
    files = [made(side) for side in (theirs, ours)]
    numbers = [row(n)[0].encode() for n in range(1000)]
    guessed_key = b"guessed" * 5
    guesses = {hashlib.sha256(one).digest()[:8] for one in numbers}
    guesses |= {hmac.digest(guessed_key, one, "sha256")[:8] for one in numbers}
    pseudonyms = {
        bytes.fromhex(keys.make_pseudonym(row(n)[0], k).split(":")[1])[:8] for n in range(1000) for k in keys.ids
    }
    cells = [{int(cell).to_bytes(8) for cell in one.sketch.ids} for one in files]
    nonces = [ExactTerms("f", "k2", None, nonce) for nonce in NONCES[40:42]]
    tomorrow = [{int(cell).to_bytes(8) for cell in make_exact(theirs, terms, 3).sketch.ids} for terms in nonces]
    for found in (*cells, *tomorrow):
        assert not found & (guesses | pseudonyms)
    # files of two nonces share no cell, so that nothing is left when they are subtracted
    assert not tomorrow[0] & tomorrow[1]
    subtracted = {
        (int(a) ^ int(b)).to_bytes(8) for a, b in zip(files[0].sketch.ids, files[1].sketch.ids, strict=True)
    }
    assert not subtracted & (guesses | pseudonyms)


def test_a_list_of_pseudonyms_is_no_list_of_ids(tmp_path, keys):
    (tmp_path / "l.csv").write_text(f"pseudonym\n{keys.make_pseudonym('1')}\n")
    assert not is_exact_list(tmp_path / "l.csv")
    (tmp_path / "r.csv").write_text("key\n1\n")
    assert look_up(tmp_path / "r.csv", tmp_path / "l.csv", tmp_path / "o.csv", key=("key",), keys=keys) == (1, 1)
    for number in ("secret", f"{1 << 64:x}", "-000000000000001", "0x00000000000001", ""):
        (tmp_path / "m.csv").write_text(f"exact_id;key_id;feed;until;nonce\n{number};k2;f;;1\n")
        with pytest.raises(UnreadableDelivery, match="not a list of ids") as refused:
            look_up_exact(tmp_path / "r.csv", tmp_path / "m.csv", tmp_path / "o.csv", key=("key",), keys=keys)
        assert "secret" not in str(refused.value)
