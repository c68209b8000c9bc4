"""The equality tests that a package with a dialect copies: they pass on a database that we know, and can fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
TEMPLATE = Path(__file__).parents[2] / "docs/plugins/dialect"


def test_the_template_passes_on_a_known_database(tmp_path):
    settings = ("-p", "no:cacheprovider", "-q", "-n", "0", "-c", os.devnull, "--rootdir", str(tmp_path))
    env = {**os.environ, "PYTHONPATH": str(TEMPLATE), "PYTHONDONTWRITEBYTECODE": "1"}
    env["KETENWACHT_DIALECT_URL"] = f"sqlite:///{tmp_path / 'rows.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, str(TEMPLATE / "test_equality.py")],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "6 passed" in done.stdout
