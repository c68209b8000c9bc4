"""What is shipped to run the service with: rules that fire, names that exist, and a manual that has them all."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.web.metrics import HELP

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def yaml(name):
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


RULES = [rule for group in yaml("deploy/alerts.yaml")["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_asks_for_metrics_that_exist_and_stands_in_the_manual(rule):
    named = set(re.findall(r"ketenwacht_\w+", rule["expr"]))
    assert named
    assert named <= set(HELP)
    assert rule["labels"]["severity"] in {"critical", "high", "medium"}
    assert rule["annotations"]["summary"]
    assert f"`{rule['alert']}`" in MANUAL


def test_there_is_an_alert_for_a_service_that_is_not_there():
    assert any(rule["expr"] == "absent(ketenwacht_up)" for rule in RULES)


@pytest.mark.integration
def test_the_rules_fire_when_they_must_and_not_before():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here (Debian: the package prometheus)")
    done = subprocess.run(
        [promtool, "test", "rules", str(Path(__file__).with_name("alerts_test.yaml"))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.integration
def test_the_unit_has_no_fault_and_gives_away_little():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/lint_unit.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", HELP)
def test_the_manual_has_every_metric(name):
    assert f"`{name}`" in MANUAL


@pytest.mark.parametrize("name", [field.name for field in fields(ServiceSettings)])
def test_the_manual_has_every_setting(name):
    assert f"`service.{name}`" in MANUAL


def test_containers_run_without_rights():
    services = yaml("deploy/compose.yaml")["services"]
    ours = services["ketenwacht"]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["ports"] == ["127.0.0.1:8181:8181"]
    assert "USER 10001" in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    for service in services.values():
        assert "no-new-privileges:true" in service["security_opt"]
        assert not any("PASSWORD" in name and not name.endswith("_FILE") for name in service["environment"])


# Slack's methods and the scope that a bot needs for each; https://docs.slack.dev/reference/methods
SCOPES = {
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.list": "channels:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "views.open": None,
    "apps.connections.open": None,  # with the app-level token
}


def test_the_slack_app_may_do_what_the_client_calls_and_no_more():
    source = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/ketenwacht/notify/slack").glob("*.py"))
    called = set(re.findall(r'"((?:auth|chat|conversations|files|views|apps|users)\.[A-Za-z.]+)"', source))
    if "files_getUploadURLExternal" in source or "upload" in source:
        called |= {"files.getUploadURLExternal", "files.completeUploadExternal"}
    assert called - SCOPES.keys() == set(), "a method whose scope is not in the table"
    needed = {SCOPES[method] for method in called} - {None}
    app = yaml("deploy/slack-manifest.yaml")
    # a private channel is read with a scope of its own
    assert set(app["oauth_config"]["scopes"]["bot"]) == needed | {"groups:history"}
    assert app["settings"]["socket_mode_enabled"]
    assert app["settings"]["interactivity"]["is_enabled"]
    assert len(app["display_information"]["description"]) <= 140
    assert all(scope in (ROOT / "docs/incidents.md").read_text(encoding="utf-8") for scope in needed)
