"""The light import of Great Expectations, in a process of its own: what it leaves out, and what still works."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ketenwacht.measure.gx_import import LazyFinder

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
    assert "LazyFinder" not in found["finders"]


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


SLOW = """
import time
with open(__file__ + ".ran", "a") as ran:
    ran.write("x")
time.sleep(0.2)
answer = 42
"""


def test_threads_that_first_touch_a_delayed_module_wait_until_it_is_complete(tmp_path, monkeypatch):
    (tmp_path / "kw_slow.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    finder = LazyFinder(frozenset({"kw_slow"}))
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    module = importlib.import_module("kw_slow")
    ran = tmp_path / "kw_slow.py.ran"
    assert not ran.exists(), "it does not run before something touches it"
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: module.answer, range(8)))
    finally:
        sys.modules.pop("kw_slow")
    assert (found, ran.read_text()) == ([42] * 8, "x")


def test_a_delayed_module_that_fails_is_run_again(tmp_path, monkeypatch):
    code = tmp_path / "kw_broken.py"
    code.write_text("raise OSError('not yet')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", [LazyFinder(frozenset({"kw_broken"})), *sys.meta_path])
    module = importlib.import_module("kw_broken")
    try:
        with pytest.raises(OSError, match="not yet"):
            getattr(module, "answer")  # noqa: B009 - reading it is what runs the module
        code.write_text("answer = 42\n# now it is there")
        assert module.answer == 42
    finally:
        sys.modules.pop("kw_broken")
