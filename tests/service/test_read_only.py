"""A history that can be read and not written: the product leaves it as it is, and says so everywhere."""

import io
import json
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url
from standby import caught_up, standby
from tiny_feed import tiny_feed

from ketenwacht.cli.root import run
from ketenwacht.errors import StoreError
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.service.state import ReadinessLog, check_readiness
from ketenwacht.store import LEADER, History
from ketenwacht.workflows import clock
from ketenwacht.workflows.doctor import examine
from ketenwacht.workflows.doctor_history import SymptomLevel

pytestmark = pytest.mark.integration

REPLICA = "the server is a read-only replica, or set read-only; use the address of the primary"
GRANT = "grant the role SELECT, INSERT, UPDATE and DELETE on the tables of the history"
ROLE = "keeper"
TABLES = "ALL TABLES IN SCHEMA public"
SERVER = ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"]
AGAIN = [
    "SET default_transaction_read_only = off",
    "ALTER SYSTEM RESET default_transaction_read_only",
    "SELECT pg_reload_conf()",
]
CASES = [
    ("the server was set read-only under an open service", SERVER, AGAIN, REPLICA),
    (
        "the role lost INSERT and UPDATE on every table",
        [f"REVOKE INSERT, UPDATE ON {TABLES} FROM {ROLE}"],
        [f"GRANT INSERT, UPDATE ON {TABLES} TO {ROLE}"],
        GRANT,
    ),
    (
        "the role lost UPDATE of alerts alone",
        [f"REVOKE UPDATE ON alerts FROM {ROLE}"],
        [f"GRANT UPDATE ON alerts TO {ROLE}"],
        GRANT,
    ),
    (
        "the role may write leases and no runs",
        [f"REVOKE INSERT ON runs FROM {ROLE}"],
        [f"GRANT INSERT ON runs TO {ROLE}"],
        GRANT,
    ),
]


def ask(server, *statements):
    with psycopg.connect(server, autocommit=True) as connection:
        for one in statements:
            connection.execute(one)


@pytest.fixture
def kept(server, tmp_path):
    """A server's own database, which a role without any other right may use; its URL for us, and for the role."""
    name = "read_only"
    ask(server, f"CREATE ROLE {ROLE} LOGIN", f"CREATE DATABASE {name}")
    base = make_url(server).set(database=name)
    ours = base.render_as_string(hide_password=False)
    try:
        History.open(ours).close()
        ask(ours, f"GRANT ALL ON {TABLES} TO {ROLE}", f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
        yield ours, base.set(username=ROLE).render_as_string(hide_password=False)
    finally:
        ask(server, *AGAIN)
        ask(server, f"DROP DATABASE {name} (FORCE)", f"DROP ROLE {ROLE}")


@contextmanager
def service(tiny, lines):
    stream = io.StringIO()
    project = tiny.project
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(stream), write=lambda _: None)
        try:
            yield made
        finally:
            made.close()
            lines += [json.loads(line) for line in stream.getvalue().splitlines()]


def yesterday():
    return clock.now() - timedelta(days=1)


def troubles(tiny):
    return {
        one.subject: f"{one.text} — {one.mend}"
        for one in examine(tiny.root / "config.yaml", at=clock.now())
        if one.trouble is SymptomLevel.UNREACHABLE
    }


@pytest.mark.parametrize(("sentence", "before", "after", "remedy"), CASES, ids=[one[0] for one in CASES])
def test_a_history_that_turns_read_only_is_told_everywhere_until_it_is_over(
    kept, tmp_path, sentence, before, after, remedy
):
    ours, url = kept
    tiny, lines = tiny_feed(tmp_path / "feed", history=f"'{url}'", service="lease: 30s"), []
    with service(tiny, lines) as made:
        ready = ReadinessLog(made)
        made.tick()
        judged = len(made.history.runs.find("tiny"))
        tiny.deliver(yesterday().date(), arrived=yesterday())
        ask(ours, *before)
        for _ in range(2):
            made.tick()
            ready.look()
            faults = check_readiness(made, made.history, clock.now()).faults
            assert f"the history cannot be written (StoreError: {remedy})" in faults
        if "alerts alone" not in sentence:
            assert len(made.history.runs.find("tiny")) == judged, "nothing was written against the server's will"
        assert remedy in troubles(tiny)["history writing"]
        ask(ours, *after)
        made.tick()
        made.tick()
        ready.look()
        assert check_readiness(made, made.history, clock.now()).faults == ()
        assert len(made.history.runs.find("tiny")) > judged
    assert [line["result"] for line in lines if line["action"] == "ready"] == ["not ready", "ready"]


def test_a_role_that_may_not_change_the_audit_log_can_do_everything_else(kept, tmp_path):
    ours, url = kept
    tiny, lines = tiny_feed(tmp_path / "feed", history=f"'{url}'"), []
    ask(ours, f"REVOKE UPDATE, DELETE ON audit FROM {ROLE}")
    tiny.deliver(yesterday().date(), arrived=yesterday())
    with service(tiny, lines) as made:
        assert made.tick().well
        assert check_readiness(made, made.history, clock.now()).faults == ()
    assert "history writing" not in troubles(tiny)


def test_a_standby_is_read_and_never_led_and_its_commands_end_with_3(server, tmp_path, capsys):
    ask(server, "CREATE DATABASE followed")
    url = make_url(server).set(database="followed").render_as_string(hide_password=False)
    try:
        tiny, lines = tiny_feed(tmp_path / "feed", history=f"'{url}'"), []
        settings = tiny.root / "config.yaml"
        tiny.deliver(yesterday().date() - timedelta(days=1), arrived=yesterday())
        assert run(["check", "--config", str(settings)]) in {0, 1}
        with standby(url) as copy:
            caught_up(url, copy)
            settings.write_text(settings.read_text().replace(url, copy))
            tiny.deliver(yesterday().date(), arrived=yesterday())
            with service(tiny, lines) as made:
                ready = ReadinessLog(made)
                assert not made.tick().worked
                ready.look()
                (fault,) = [
                    one
                    for one in check_readiness(made, made.history, clock.now()).faults
                    if one.startswith("the history cannot be written")
                ]
                assert REPLICA in fault
                with pytest.raises(StoreError, match="read-only replica"):
                    made.history.leases.take(LEADER, worker="another")
            found = troubles(tiny)
            assert REPLICA in found["history writing"]
            assert REPLICA in found["leader lock"]
            config = ["--config", str(settings)]
            answers = {"check": 3, "history": 0, "incidents list": 0, "doctor": 3, "alerts flush": 3}
            for command, code in answers.items():
                assert run([*command.split(), *config]) == code, command
                assert "Traceback" not in capsys.readouterr().err
        assert [line["result"] for line in lines if line["action"] == "ready"] == ["not ready"]
    finally:
        ask(server, "DROP DATABASE followed (FORCE)")
