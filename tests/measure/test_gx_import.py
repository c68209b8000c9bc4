"""The light import of Great Expectations, in a process of its own: what it leaves out, and what still works."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from ketenwacht.measure.gx_import import HIDDEN, LAZY, import_lightly
with import_lightly():
    import ketenwacht.measure.gx_suite
heavy = ("altair.vegalite", "scipy.stats._stats_py", "boto3.session", "azure.core")
ran = [name for name in heavy if name in sys.modules]
hidden = [name for name in HIDDEN if name in sys.modules]
from scipy.stats import norm
import altair, boto3
print(json.dumps({"ran": ran, "hidden": hidden, "norm": norm.cdf(0.0), "chart": altair.Chart.__name__,
    "session": boto3.session.Session.__name__, "finders": [type(f).__name__ for f in sys.meta_path]}))
"""


def test_what_is_not_used_is_not_run_and_can_be_imported_afterwards():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["ran"] == []
    assert found["hidden"] == []
    assert found["norm"] == 0.5
    assert (found["chart"], found["session"]) == ("Chart", "Session")
    assert "_LazyFinder" not in found["finders"]


def test_in_the_process_of_a_user_the_library_finds_what_is_installed():
    evaluate = """
import sys, warnings
warnings.simplefilter("ignore")
from ketenwacht.measure.engine import evaluate_expectations
try:
    evaluate_expectations(None, {}, "stock")
except AttributeError:  # of the table, after the import
    pass
print("boto3.session" in sys.modules, "altair.vegalite" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", evaluate], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
