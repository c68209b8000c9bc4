"""The picture of an alert: it comes after the alerts, once, and whatever happens to it changes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from slack_peer import UPLOAD, Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message, Problem
from ketenwacht.notify.slack.client import SlackNotifier
from ketenwacht.outbox import Pace
from ketenwacht.workflows.alerts import MOST_PICTURES, PICTURES_REST, AlertSender
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration
AT = datetime(2022, 1, 17, 12, tzinfo=UTC)
STEPS = ("files.getUploadURLExternal", UPLOAD, "files.completeUploadExternal")


class World:
    """A history with three incidents about missing persons, a Slack, and a post between them."""

    def __init__(self, project, history, peer, *, pictures=True):
        self.history, self.peer = history, peer
        target = SlackTarget(channel="C1", token="t", base_url=peer.base_url, pictures=pictures)
        slack = SlackNotifier(target, sleep=[].append, timeout=2.0)
        self.post = AlertSender(project, {"ops": slack}, Pace(float, [].append), "console")
        self.incident = next(i for i in history.findings.find() if i.missing is not None)

    def write(self, name, *, topic=None, active=True, at=AT, **changes):
        texts = ("failed", "high", "open", "what", "where", "evidence", "meaning", "action", "look")
        problem = Problem(self.incident.id, *texts, active=active)
        message = Message("incident", topic or name, "nl", "kop", problems=(problem,), **changes)
        self.history.outbox.add([Alert(name, "ops", message.topic, message.kind, message.to_json(), at)])

    def flush(self, at=AT):
        self.post.flush(self.history, at=at)
        self.peer.settle()

    @property
    def uploads(self):
        return [method for method, _ in self.peer.calls if method in STEPS]

    @property
    def shown(self):
        return [file for file in self.peer.files.values() if "channel" in file]


@pytest.fixture
def made_world(place):
    @contextmanager
    def opened(**given):
        project = LoadedProject.open(place.root / "config.yaml")
        told = lambda *_: None  # noqa: E731 - nobody listens
        with SlackPeer(hang=3.0) as peer, open_reader(project, None, replay=True, on_warning=told) as reader:
            yield World(project, reader.history, peer, **given)

    return opened


def test_a_new_root_message_gets_a_picture_in_its_thread(made_world):
    with made_world() as world:
        world.write("a")
        world.flush()
        (root,), (file,) = world.peer.messages, world.shown
        assert (file["channel"], file["thread_ts"]) == ("C1", root["ts"])
        assert file["bytes"].startswith(b"\x89PNG")
        assert len(file["bytes"]) == file["length"]
        assert file["title"].startswith("Geleverd en verwacht: doelgroep")
        assert (world.post.pictures, world.post.picture_fault) == (1, None)


@pytest.mark.parametrize(
    ("sentence", "later", "pictures"),
    [
        ("what is only told in the thread gets none", {"changes": ("more",)}, 1),
        ("what the whole channel hears gets one", {"changes": ("worse",), "broadcast": True}, 2),
    ],
)
def test_later_in_the_thread(made_world, sentence, later, pictures):
    with made_world() as world:
        world.write("a", topic="t")
        world.flush()
        world.write("b", topic="t", **later)
        world.flush()
        assert [file["thread_ts"] for file in world.shown] == [world.peer.messages[0]["ts"]] * pictures


@pytest.mark.parametrize(
    ("sentence", "given", "write"),
    [
        ("a target that wants none", {"pictures": False}, {}),
        ("a problem that is over", {}, {"active": False}),
    ],
)
def test_no_picture_for(made_world, sentence, given, write):
    with made_world(**given) as world:
        world.write("a", **write)
        world.flush()
        assert (len(world.peer.messages), world.uploads) == (1, [])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.RATE_LIMIT])
def test_an_upload_that_fails_changes_nothing_and_is_not_tried_again(made_world, fault, step):
    with made_world() as world:
        world.peer.script = lambda method: fault if method == step else None
        world.write("a")
        world.write("b")
        world.flush()
        assert world.peer.arrived() == ["a", "b"]
        assert world.post.delivered
        assert world.uploads == list(STEPS[: STEPS.index(step) + 1]), "one try, and none for the second message"
        assert world.post.picture_fault is not None
        world.peer.script = lambda _method: None
        for minutes in range(3):
            world.flush(AT + timedelta(minutes=minutes))
        assert len(world.uploads) == STEPS.index(step) + 1
        world.write("c", at=AT + PICTURES_REST)
        world.flush(AT + PICTURES_REST)
        assert (world.peer.arrived(), world.post.pictures) == (["a", "b", "c"], 1)


def test_a_token_that_may_not_upload_is_not_asked_again(made_world):
    with made_world() as world:
        world.peer.script = lambda method: Fault.REVOKED if method == STEPS[0] else None
        for day in range(3):
            world.write(f"a{day}", at=AT + timedelta(days=day))
            world.flush(AT + timedelta(days=day))
        assert (len(world.peer.messages), world.uploads) == (3, [STEPS[0]])


def test_pictures_come_after_every_alert_that_is_due_and_are_few(made_world):
    with made_world() as world:
        for name in "abcde":
            world.write(name)
        world.flush()
        methods = [method for method, _ in world.peer.calls]
        posted = max(n for n, method in enumerate(methods) if method == "chat.postMessage")
        assert methods.index(STEPS[0]) > posted
        assert len(world.shown) == MOST_PICTURES
