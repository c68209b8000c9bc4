"""A run is kept as a whole or not at all, whenever its process dies."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import event as on
from sqlalchemy import func, select

from ketenwacht.store import History
from ketenwacht.store.tables import alerts, deliveries, events, incidents, measurements, results, runs, states

from .samples import FEED, alert, event, incident, run, save, snapshot

_STATEMENTS = 9  # at least so many does `save` send: each is a place to die
_WRITTEN = (deliveries, runs, measurements, results, states, incidents, events, alerts)


def save_everything(history: History) -> bool:
    return save(
        history,
        run(),
        snapshot(),
        states={"volume": {"n": 1}},
        findings=[incident()],
        events=[event()],
        alerts=[alert()],
    )


def nothing_is_there(history: History) -> bool:
    with history.database.reading() as connection:
        return not any(
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _WRITTEN
        )


def die_at(url: str, statement: int) -> None:
    """Save, and be killed as the statement with this number is about to be sent."""
    with History.open(url) as history:
        sent = 0

        def count(*_: object) -> None:
            nonlocal sent
            if sent == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            sent += 1

        on.listen(history.database.engine, "before_cursor_execute", count)
        on.listen(history.database.engine, "commit", count)
        save_everything(history)


@pytest.mark.integration
def test_a_process_that_is_killed_leaves_nothing_wherever_it_was(history, url, processes):
    killed = 0
    for statement in range(100):
        child = processes.Process(target=die_at, args=(url, statement))
        child.start()
        child.join(60)
        if child.exitcode == 0:
            break
        killed += 1
        assert child.exitcode == -signal.SIGKILL
        assert nothing_is_there(history), f"killed before statement {statement}"

    assert killed >= _STATEMENTS
    assert len(history.runs.find(FEED)) == 1
    assert save_everything(history) is False


def test_a_fault_between_statements_leaves_nothing(history):
    broken = 0
    while True:
        left = [broken]

        def stop(*_: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

        on.listen(history.database.engine, "before_cursor_execute", stop)
        try:
            save_everything(history)
        except KeyboardInterrupt:
            broken += 1
        else:
            break
        finally:
            on.remove(history.database.engine, "before_cursor_execute", stop)
        assert nothing_is_there(history)

    assert broken >= _STATEMENTS
    assert len(history.runs.find(FEED)) == 1
