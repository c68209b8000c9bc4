from __future__ import annotations

import threading
from datetime import timedelta, timezone

import pytest
from sqlalchemy import delete, update

from ketenwacht.store import History
from ketenwacht.store.audit import AuditEntry
from ketenwacht.store.audit_heads import Head
from ketenwacht.store.tables import audit

from .samples import AT

KEY = b"k" * 32


def write(history, lines=6):
    for n in range(1, lines + 1):
        history.audit.add(AuditEntry("approve", f"thing {n}", "ok", "cli", "anna", AT + timedelta(n)))


def change(history, *statements):
    with history.database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def move(number, to):
    return update(audit).where(audit.c.number == number).values(number=to)


@pytest.fixture(params=[(), (KEY,)], ids=["no key", "key"])
def log(request, url):
    with History.open(url, audit_keys=request.param) as opened:
        yield opened


def test_an_untouched_chain_holds(log):
    assert log.audit.verify() == ()
    assert log.audit.read_head() == (0, "start")
    write(log)
    assert log.audit.verify() == ()
    assert [line.entry.object for line in log.audit.find()] == [f"thing {n}" for n in range(1, 7)]


@pytest.mark.parametrize("column", ["action", "object", "result", "origin", "actor"])
def test_an_altered_word_shows_where_it_is(log, column):
    write(log)
    change(log, update(audit).where(audit.c.number == 3).values({column: "forged"}))
    assert log.audit.verify() == ("line 3: altered",)


def test_an_altered_moment_shows(log):
    write(log)
    change(log, update(audit).where(audit.c.number == 3).values(at=AT))
    assert log.audit.verify() == ("line 3: altered",)


def test_a_removed_line_shows(log):
    write(log)
    change(log, delete(audit).where(audit.c.number == 3))
    assert log.audit.verify() == ("line 3: removed",)


def test_several_removed_lines_show(log):
    write(log)
    change(log, delete(audit).where(audit.c.number.in_([1, 3, 4])))
    assert log.audit.verify() == ("line 1: removed", "lines 3 to 4: removed")


def test_a_gap_that_was_closed_up_shows(log):
    write(log)
    change(log, delete(audit).where(audit.c.number == 3), *(move(n, n - 1) for n in (4, 5, 6)))
    assert log.audit.verify() == ("line 3: was line 4", "line 4: was line 5", "line 5: was line 6")


def test_reordered_lines_show_where_they_came_from(log):
    write(log)
    change(log, move(2, 99), move(4, 2), move(99, 4))
    assert log.audit.verify() == ("line 2: was line 4", "line 4: was line 2")


def test_lines_cut_off_at_the_end_show_against_a_head_told_elsewhere(log):
    write(log)
    head = log.audit.read_head()
    assert log.audit.verify(heads=[Head(*head)]) == ()
    change(log, delete(audit).where(audit.c.number >= 5))

    assert log.audit.verify() == ()
    (fault,) = log.audit.verify(heads=[Head(*head)])
    assert fault.startswith("line 6: ")


def test_a_head_of_before_still_fits_a_longer_chain(log):
    start = log.audit.read_head()
    write(log, 2)
    early = log.audit.read_head()
    write(log, 3)
    assert log.audit.verify(heads=[Head(*early)]) == ()
    assert log.audit.verify(heads=[Head(*start)]) == ()


def test_who_can_write_but_has_no_key_cannot_forge_a_chain(url):
    with History.open(url, audit_keys=[KEY]) as history:
        write(history, 2)
    with History.open(url) as forger:
        change(forger, delete(audit))
        write(forger, 2)
        assert forger.audit.verify() == ()
    with History.open(url, audit_keys=[KEY]) as history:
        assert history.audit.verify() == ("lines 1 to 2: written without the key",)


def test_a_line_that_was_written_anew_with_its_code_shows_at_the_next(url):
    with History.open(url) as history:
        write(history, 1)
        history.audit.add(AuditEntry("approve", "thing 2", "ok", "cli", "eve", AT))
        forged = history.audit.find()[1]
        change(history, delete(audit))
        write(history, 3)
        new = {"actor": "eve", "at": AT, "mac": forged.mac}
        change(history, update(audit).where(audit.c.number == 2).values(**new))

        assert history.audit.verify() == ("line 3: does not follow the line before it, which was replaced",)


def test_a_line_from_another_history_with_the_same_key_shows(url, tmp_path):
    with (
        History.open(url, audit_keys=[KEY]) as history,
        History.open(f"sqlite:///{tmp_path}/b.db", audit_keys=[KEY]) as other,
    ):
        write(history, 2)
        other.audit.add(AuditEntry("reject", "thing 1", "ok", "cli", "eve", AT))
        write(other, 1)
        foreign = other.audit.find()[1]
        words = {
            name: getattr(foreign.entry, name) for name in ("action", "object", "result", "origin", "actor", "at")
        }
        change(history, update(audit).where(audit.c.number == 2).values(**words, mac=foreign.mac))

        assert history.audit.verify() == ("line 2: altered",)


def test_a_keyed_chain_cannot_be_verified_without_its_key_and_says_so(url):
    with History.open(url, audit_keys=[KEY]) as history:
        write(history)
    with History.open(url) as history:
        assert history.audit.verify() == ("lines 1 to 6: written with a key; give that key to verify it",)
    with History.open(url, audit_keys=[b"another key"]) as history:
        assert history.audit.verify() == ("lines 1 to 6: altered",)


def test_the_same_moment_in_another_time_zone_is_the_same_line(log):
    log.audit.add(AuditEntry("approve", "thing", "ok", "cli", "anna", AT.astimezone(timezone(timedelta(hours=2)))))
    assert log.audit.verify() == ()
    assert log.audit.find()[0].entry.at == AT


def test_writers_at_once_make_one_chain(log):
    threads = [threading.Thread(target=write, args=(log,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(log.audit.find()) == 24
    assert log.audit.verify() == ()


def test_a_key_can_be_replaced_and_what_the_old_one_signed_still_holds(url):
    new = b"a newer key of the audit log"
    with History.open(url, audit_keys=[KEY]) as history:
        write(history, 2)
    with History.open(url, audit_keys=[KEY, new]) as history:
        write(history, 1)
        assert history.audit.verify() == ()
        change(history, update(audit).where(audit.c.number == 2).values(actor="eve"))
        assert history.audit.verify() == ("line 2: altered",)
    with History.open(url, audit_keys=[new]) as history:
        assert history.audit.verify() == ("lines 1 to 2: altered",)


def test_the_seal_that_people_are_told_is_enough_to_see_that_lines_were_cut_off(log):
    assert log.audit.read_seal() is None
    write(log, 2)
    number, digits = log.audit.read_seal().split(":")
    assert log.audit.verify(heads=[Head(int(number), digits)]) == ()
    write(log, 1)
    assert log.audit.verify(heads=[Head(int(number), digits)]) == ()
    assert log.audit.verify(heads=[Head(int(number), digits[:8])]) != (), "too few digits to be sure"
    change(log, delete(audit).where(audit.c.number >= int(number)))
    assert len(log.audit.verify(heads=[Head(int(number), digits)])) == 1
