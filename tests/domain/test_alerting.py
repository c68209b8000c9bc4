from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from ketenwacht.domain.alerting import CONSOLE, Alerting, FeedNotes, Route, SlackTarget
from ketenwacht.domain.findings.finding import Severity
from ketenwacht.domain.findings.policy import Policy

SLACK = SlackTarget(channel="C", token="t")


def names(kind):
    return {field.name for field in fields(kind)}


def documented():
    text = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text()
    block = re.search(r"```yaml\n(alerts:.*?)```", text, re.DOTALL)
    found = YAML(typ="safe").load(block[1])["alerts"]
    # the configuration's reader knows 24h and 14d; pydantic alone wants ISO 8601
    found["policy"] |= {"reopen": "PT24H", "forget": "P14D"}
    return found


def test_the_documented_block_is_the_real_one_and_names_every_setting():
    given = documented()
    read = TypeAdapter(Alerting).validate_python(given)
    assert set(given) == names(Alerting)
    assert set(given["policy"]) == names(Policy)
    assert set(given["routes"][0]) == names(Route)
    assert set(given["routes"][0]["slack"]) == names(SlackTarget)
    assert set(given["feeds"]["ind-duo"]) == names(FeedNotes)
    assert read.policy == Alerting().policy, "documented policy settings are the defaults"


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValidationError):
        TypeAdapter(Alerting).validate_python({"routs": []})


@pytest.mark.parametrize(
    ("sentence", "routes", "channels"),
    [
        ("no route is the console", (), [(CONSOLE, False)]),
        (
            "a route without a name has a number",
            (Route(), Route(slack=SLACK)),
            [("route-1", False), ("route-2", True)],
        ),
        (
            "both is two channels",
            (Route(name="ops", slack=SLACK, console=True),),
            [("ops", True), ("ops-console", False)],
        ),
        ("no token is the console", (Route(name="ops", slack=SlackTarget(channel="C")),), [("ops", False)]),
    ],
)
def test_channels(sentence, routes, channels):
    assert [(c.name, c.slack is not None) for c in Alerting(routes=routes).channels()] == channels


def test_a_route_knows_its_feeds_and_its_least_severity():
    route = Route(feeds=("a",), severity="high")
    assert (route.tells("a"), route.tells("b"), route.least) == (True, False, Severity.HIGH)
