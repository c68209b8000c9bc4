from __future__ import annotations

import importlib
import io
import json
import pkgutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketenwacht.notify
from ketenwacht.domain.alerting import CONSOLE, Alerting, Route, SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message, Problem
from ketenwacht.notify import KINDS, open_notifiers
from ketenwacht.notify.console import notifier as console
from ketenwacht.notify.slack import blocks as slack_blocks

TEXT = st.text(max_size=20) | st.builds(  # long ones by repeating: a long text is slow to draw
    lambda part, times: part * times, st.sampled_from(["x", "&<>", "é…", "a b", "*_`\n"]), st.integers(0, 2000)
)
PROBLEM = st.builds(
    Problem,
    incident=st.text(max_size=40),
    nature=st.sampled_from(["failed", "error", "privacy", "warned", "?"]),
    severity=TEXT,
    state=TEXT,
    what=TEXT,
    where=TEXT,
    evidence=TEXT,
    meaning=TEXT,
    action=TEXT,
    look=TEXT,
    link=st.none() | TEXT | st.just("https://p/i?a=<b>"),
    active=st.booleans(),
)
MESSAGE = st.builds(
    Message,
    kind=st.just("incident"),
    topic=TEXT,
    language=st.sampled_from(["nl", "en"]),
    headline=TEXT,
    problems=st.builds(
        lambda some, times: tuple(some) * times, st.lists(PROBLEM, max_size=3), st.sampled_from([1, 10])
    ),
    more=st.integers(0, 99),
    lines=st.builds(lambda some, times: tuple(some) * times, st.lists(TEXT, max_size=4), st.sampled_from([1, 15])),
    changes=st.lists(TEXT, max_size=6).map(tuple),
)


def problem(**changes):
    fields = ("incident", "severity", "state", "what", "where", "evidence", "meaning", "action", "look")
    return Problem(**{"nature": "failed", **{name: name.upper() for name in fields}, **changes})


def message(**changes):
    fields = {"kind": "incident", "topic": "f/1", "language": "nl", "headline": "HEAD", "problems": (problem(),)}
    return Message(**{**fields, **changes})


ORDER = ["HEAD", "WHAT", "WHERE", "EVIDENCE", "MEANING", "ACTION", "LOOK"]


def slack_text(told):
    return json.dumps(slack_blocks.root_blocks(told, buttons=True), ensure_ascii=False)


@pytest.mark.parametrize("render", [console.render, slack_text])
def test_answers_stand_in_the_order_in_which_they_are_asked(render):
    shown = render(message())
    assert sorted(ORDER, key=shown.index) == ORDER


@given(MESSAGE)
def test_any_message_keeps_within_slacks_limits(told):
    blocks = slack_blocks.root_blocks(told, buttons=True)
    assert len(blocks) <= 20
    texts = [block["text"]["text"] for block in blocks if "text" in block]
    assert sum(len(text) for text in texts) <= 10_000
    for block in blocks:
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150
        elif block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000
    assert len(slack_blocks.reply_text(told)) <= 3000
    assert len(slack_blocks.root_text(told)) <= 3000


def test_thirty_problems_keep_within_the_blocks():
    assert len(slack_blocks.root_blocks(message(problems=(problem(),) * 30), buttons=True)) == 20


@given(MESSAGE)
def test_any_message_survives_the_outbox(told):
    assert Message.from_json(told.to_json()) == told


@given(st.text(alphabet="&<>;ampltgx…", max_size=80), st.integers(2, 60))
def test_cutting_never_leaves_half_an_escape(text, most):
    short = slack_blocks.cut(slack_blocks.escape(text), most)
    assert len(short) <= most
    whole = slack_blocks.escape(text)
    kept = short if short == whole else short[:-1]
    assert whole.startswith(kept)
    rest = kept.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(rest) & set("&<>")


HOSTILE = "<!channel> <@U1> & [x](http://e) *b* `c` \x1b[31m \u202e <script>"


def test_slack_shows_names_as_they_are():
    shown = slack_text(message(problems=(problem(where=HOSTILE),)))
    assert "&lt;!channel&gt; &lt;@U1&gt; &amp;" in shown
    assert "<!" not in shown
    assert "\\u001b" not in shown
    assert "\u202e" not in shown


def test_a_terminal_is_not_driven_by_names():
    assert "\x1b" not in console.render(message(problems=(problem(where=HOSTILE),)))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd"])
def test_only_web_addresses_become_links(link):
    told = message(problems=(problem(link=link),))
    assert link not in slack_text(told)


@pytest.mark.parametrize(
    ("sentence", "buttons", "active", "actions"),
    [
        ("no buttons without Socket Mode", False, True, 0),
        ("none when it is over", True, False, 0),
        ("", True, True, 1),
    ],
)
def test_buttons(sentence, buttons, active, actions):
    blocks = slack_blocks.root_blocks(message(problems=(problem(active=active),)), buttons=buttons)
    assert sum(block["type"] == "actions" for block in blocks) == actions


def test_a_sign_never_stands_alone():
    shown = console.render(message(problems=(problem(nature="privacy"), problem(active=False))))
    assert "🔒 [SEVERITY, STATE]" in shown
    assert "🟢 [SEVERITY, STATE]" in shown


def test_the_console_prints_all_at_first_and_then_only_what_is_new():
    out = io.StringIO()
    notifier = console.ConsoleNotifier(out.write)
    body = message(changes=("CHANGE",)).to_json()
    alert = Alert("a1", "console", "f/1", "incident", body, datetime(2022, 1, 1, tzinfo=UTC))
    assert notifier.send(alert, None) == "a1"
    assert "WHAT" in out.getvalue()
    out.truncate(0)
    notifier.edit(alert, "a1")
    notifier.send(alert, "a1")
    assert "CHANGE" in out.getvalue()
    assert "WHAT" not in out.getvalue()


def test_every_notifier_is_in_the_tuple_of_kinds():
    found = set()
    for module in pkgutil.walk_packages(ketenwacht.notify.__path__, "ketenwacht.notify."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            if name.endswith("Notifier") and isinstance(getattr(thing, "kind", None), str):
                found.add(thing.kind)
    assert found == {kind for kind, _ in KINDS}


def test_every_channel_has_a_notifier_and_the_console_is_always_there():
    routes = (
        Route(name="ops", slack=SlackTarget(channel="C", token="t"), console=True),
        Route(slack=SlackTarget(channel="C", token="")),
    )
    opened = open_notifiers(Alerting(routes=routes), write=print, sleep=[].append)
    assert {name: notifier.kind for name, notifier in opened.items()} == {
        CONSOLE: "console",
        "ops": "slack",
        "ops-console": "console",
        "route-2": "console",
    }


def test_who_does_not_post_to_slack_does_not_load_its_client():
    code = "import sys, ketenwacht.notify, ketenwacht.outbox; sys.exit('slack_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_token_is_ever_shown():
    assert "xoxb" not in repr(SlackTarget(channel="C", token="xoxb-1", app_token="xapp-1"))
    assert "xapp" not in repr(SlackTarget(channel="C", token="xoxb-1", app_token="xapp-1"))
