from __future__ import annotations

import stat
from datetime import timedelta

import pytest
from filled_history import AT, fill
from sqlalchemy import text

from ketenwacht.errors import AuditError
from ketenwacht.store import History
from ketenwacht.store.audit_heads import Head, HeadFile

KEY = b"k" * 32


@pytest.fixture
def file(tmp_path):
    return HeadFile(tmp_path / "elsewhere" / "heads")


@pytest.fixture
def kept(url, file):
    """A history on each kind of database whose heads are kept in a file."""
    with History.open(url, audit_keys=[KEY], head_file=file.path) as opened:
        fill(opened)
        opened.keep_head(AT)
        yield opened


def change(history):
    history.outbox.mark_failed("a1", at=AT + timedelta(9), error="gone")


def cut(history, number):
    """Cut off the log after a line, with the facts that it records."""
    with history.database.writing() as connection:
        connection.execute(text("DELETE FROM audit WHERE number > :number"), {"number": number})


def test_a_head_is_added_whenever_it_changed_and_only_then(kept, file):
    kept.keep_head(AT)
    assert len(file.read()) == 1
    change(kept)
    kept.keep_head(AT + timedelta(9))
    first, second = file.read()
    assert (first.at, second.at) == (AT.replace(microsecond=0), AT.replace(microsecond=0) + timedelta(9))
    assert second.number == first.number + 1
    assert f"{second.number}:{second.code}" == kept.audit.read_seal()
    assert file.read_last() == second
    assert kept.audit.verify(heads=file.read()) == ()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_an_empty_log_has_no_head_to_keep(url, file):
    with History.open(url, head_file=file.path) as history:
        history.keep_head(AT)
    assert not file.path.exists()
    assert file.read_last() is None


def test_a_history_without_a_file_keeps_none(url):
    with History.open(url) as history:
        fill(history)
        history.keep_head(AT)
        assert history.heads is None


@pytest.mark.parametrize("left", [0, 1, -1], ids=["all of it", "all but one line", "one line"])
def test_a_log_that_was_cut_off_is_told_and_its_head_is_not_kept(kept, file, left):
    (head,) = before = file.read()
    cut(kept, left if left >= 0 else head.number - 1)
    for _ in range(2):
        with pytest.raises(AuditError, match=f"line {head.number}: it is not the line"):
            kept.keep_head(AT)
    assert file.read() == before


def test_a_log_that_was_cut_off_and_grew_again_is_told(kept, file):
    (head,) = file.read()
    cut(kept, head.number - 1)
    change(kept)
    assert kept.audit.read_head()[0] == head.number
    with pytest.raises(AuditError, match=f"line {head.number}: "):
        kept.keep_head(AT)


def test_after_a_restore_the_log_goes_on_and_a_later_cut_is_told(tmp_path, file):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY], head_file=file.path) as history:
        fill(history)
        history.maintenance.backup(tmp_path / "old.db")
        for n in (1, 2, 4):
            history.outbox.mark_failed(f"a{n}", at=AT, error="gone")
            history.keep_head(AT + timedelta(n))
        history.maintenance.restore(tmp_path / "old.db", who="anna", at=AT + timedelta(5))
        history.keep_head(AT + timedelta(6))
        change(history)
        history.keep_head(AT + timedelta(7))
        assert history.audit.verify(heads=file.read()) == ()

        cut(history, file.read()[-1].number - 1)  # of a number that the restore replaced, but later
        assert history.audit.verify(heads=file.read())[-1].startswith(f"line {file.read()[-1].number}: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("2024-03-01T08:00:00+00:00 12:0123456789abcdef\nsomething else\n", "line 2 is no head"),
        ("yesterday 12:0123456789abcdef\n", "line 1 is no head"),
        ("2024-03-01T08:00:00 12:0123456789abcdef\n", "line 1 is no head"),
        ("2024-03-01T08:00:00+00:00 12:0123\n", "line 1 is no head"),
        ("2024-03-01T08:00:00+00:00 12:0123456789abcdef\né\n", "cannot be read"),
    ],
    ids=["another line", "no moment", "a moment without a zone", "too few digits", "no ASCII"],
)
def test_a_line_that_is_no_head_is_told(file, content, said):
    file.path.parent.mkdir()
    file.path.write_text(content, encoding="utf-8")
    with pytest.raises(AuditError, match=said):
        file.read()


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "heads").mkdir()
    file = HeadFile(tmp_path / "heads")
    for use in (file.read, file.read_last, lambda: file.append(Head(1, "0" * 16), AT)):
        with pytest.raises(AuditError, match="it is a folder"):
            use()
    with pytest.raises(AuditError, match="no such file"):
        HeadFile(tmp_path / "none").read()
