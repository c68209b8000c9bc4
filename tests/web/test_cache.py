"""Pages keep what they read until something is written, and show every write at once."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import MetricKey, Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.store.audit import AuditEntry
from ketenwacht.web import web_app
from ketenwacht.web.queries import HistoryCache
from ketenwacht.workflows.incident_acts import Resolve, Take, perform
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

AT = datetime(2022, 1, 17, 9, tzinfo=UTC)


def deliver(history: History, name: str) -> None:
    delivery = Delivery("tiny", name, AT.date(), sha256=name.rjust(64, "0"), arrived_at=AT)
    result = CheckResult("volume", Status.PASSED, Evidence.HISTORY, "fine")
    with history.transaction() as work:
        work.runs.save(JudgedRun(name, delivery, AT, (result,)), Snapshot(delivery, {MetricKey("rows"): 40.0}))


def act(history: History) -> None:
    history.audit.add(AuditEntry("test", "something", "done", "test", "anna", AT))


@pytest.mark.parametrize(
    ("sentence", "write", "read_anew"),
    [
        ("nothing was written, so all of it is kept", lambda _: None, []),
        ("a write that is no run leaves what depends on runs alone", act, ["incidents"]),
        ("another run changes everything", lambda history: deliver(history, "second"), ["incidents", "counts"]),
    ],
)
def test_what_was_read_is_kept_until_a_write_may_have_changed_it(tmp_path, sentence, write, read_anew):
    url = f"sqlite:///{tmp_path}/h.db"
    with History.open(url) as history, History.open(url) as other:
        deliver(history, "first")
        cache, read = HistoryCache(history), []

        def ask() -> None:
            cache.refresh()
            cache.read("incidents", lambda: read.append("incidents"))
            cache.read("counts", lambda: read.append("counts"), of_runs=True)

        ask()
        read.clear()
        write(other)
        ask()
        assert read == read_anew, sentence


def test_a_copy_that_was_put_back_and_judged_on_is_read_anew(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        deliver(history, "first")
        history.maintenance.backup(tmp_path / "copy.db")
        deliver(history, "second")
        cache, read = HistoryCache(history), []
        cache.refresh()
        cache.read("counts", lambda: read.append("before"), of_runs=True)
        history.maintenance.restore(tmp_path / "copy.db", who="anna", at=AT)
        deliver(history, "another second")
        cache.refresh()
        cache.read("counts", lambda: read.append("after"), of_runs=True)
    assert read == ["before", "after"]


def test_what_was_made_of_something_else_is_made_anew(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        cache, days = HistoryCache(history), []
        for day in (1, 1, 2):
            cache.read("line", lambda day=day: days.append(day), of=(day,))
        assert days == [1, 2]


def test_every_page_shows_at_once_what_another_process_wrote(place):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml", overrides=("alerts.language=en",))
    policy = project.settings.alerts.policy
    with History.open(project.history_url()) as history, History.open(project.history_url()) as other:
        service = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with TestClient(web_app(service), base_url="http://localhost", client=("127.0.0.1", 5000)) as client:
            number = next(one.number for one in history.incidents.find(policy) if one.active)
            pages = ("/", f"/incidents/{number}", f"/api/v1/incidents/{number}", "/api/v1/incidents")
            assert all("anna" not in client.get(page).text for page in pages)
            perform(project, other, number, Take(), actor="anna", at=AT, origin="cli")
            assert all("anna" in client.get(page).text for page in pages)
            assert f'href="/incidents/{number}"' in client.get("/").text
            perform(project, other, number, Resolve("delivered"), actor="anna", at=AT, origin="cli")
            overview = client.get("/").text
            assert f'href="/incidents/{number}"' not in overview
            assert "1 resolved" in overview
        service.close()


def test_only_incidents_that_were_closed_lately_are_read(place):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml")
    policy = project.settings.alerts.policy
    with History.open(project.history_url()) as history:
        every = history.incidents.find(policy, closed=True)
        perform(project, history, every[0].number, Resolve("delivered"), actor="anna", at=AT, origin="cli")
        closed = {one.number for one in history.incidents.find(policy, closed=True)}
        open_ = {one.number for one in history.incidents.find(policy)}
        lately, before = (
            {one.number for one in history.incidents.find(policy, closed_since=AT - timedelta(days=days))}
            for days in (1, -1)
        )
        assert closed == {one.number for one in every}
        assert open_ == before <= lately <= closed
        for one in history.incidents.find(policy):
            assert one == next(
                same for same in history.incidents.find(policy, closed=True) if same.number == one.number
            )
