"""What is shipped to run the service with: rules that fire, names that exist, and a manual that has them all."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.web.metrics import HELP
from ketenwacht.workflows.lint import find_faults

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


def panels():
    return [
        one for one in json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))["panels"] if "targets" in one
    ]


@pytest.mark.parametrize("name", HELP)
def test_the_dashboard_shows_every_metric(name):
    shown = {word for one in panels() for target in one["targets"] for word in re.findall(r"\w+", target["expr"])}
    assert name in shown


@pytest.mark.parametrize("panel", panels(), ids=[one["title"] for one in panels()])
def test_a_panel_asks_for_metrics_that_exist_with_the_labels_that_they_have(panel):
    labels = {"feed", "segment", "severity", "status", "state", "instance", "source"}
    for target in panel["targets"]:
        named = set(re.findall(r"ketenwacht_\w+", target["expr"]))
        assert named
        assert named <= set(HELP)
        asked = set(re.findall(r"(\w+)=~?\"", target["expr"])) | set(
            re.findall(r"\{\{(\w+)", target["legendFormat"])
        )
        assert asked <= labels
        assert target["datasource"]["uid"] == "${source}"


def test_no_two_panels_of_the_dashboard_lie_on_each_other():
    taken = set()
    for one in json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))["panels"]:
        at = one["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells


KUBERNETES = list(YAML(typ="safe").load_all((ROOT / "deploy/kubernetes.yaml").read_text(encoding="utf-8")))
BY_KIND = {one["kind"]: one for one in KUBERNETES}


@pytest.mark.parametrize("manifest", KUBERNETES, ids=lambda one: one["kind"])
def test_a_manifest_meets_the_schema_of_kubernetes(manifest):
    version = kubernetes_validate.latest_version()
    kubernetes_validate.validate(manifest, version, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**manifest, "spce": {}}, version, strict=True)


def test_a_pod_has_no_rights_and_no_secret_in_its_environment():
    pod = BY_KIND["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert all(one["name"].endswith("_FILE") for one in container["env"])


def test_the_configuration_in_the_manifest_has_no_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("KETENWACHT_HISTORY", "postgresql://user@db/history")
    for name, text in BY_KIND["ConfigMap"]["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert find_faults(tmp_path / "config.yaml") == []


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
