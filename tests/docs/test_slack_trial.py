"""The Slack to try alerts with, as docs/incidents.md starts it: a message arrives."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import emulate
import pytest
from project import ROOT, Project

pytestmark = pytest.mark.integration


def test_a_message_arrives_in_the_slack_of_the_page(tmp_path):
    program = emulate.find()
    if program is None:
        pytest.skip("emulate is not installed: npm install emulate@0.11.2, or name it in KETENWACHT_EMULATE")
    page = (ROOT / "docs/incidents.md").read_text(encoding="utf-8").split("**Try it without a workspace.**")[1]
    seed, commands = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("yaml", "sh"))
    assert "npx --yes emulate@0.11.2" in commands
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    ours = {"npx --yes emulate@0.11.2": program, "4003": port, "sleep 20": "sleep 10"}
    for said, run in ours.items():
        commands = commands.replace(said, run)
    Project.copied_to(tmp_path)
    (tmp_path / "slack.yaml").write_text(seed, encoding="utf-8")
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", commands],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert "arrived" in done.stdout, done.stdout + done.stderr
