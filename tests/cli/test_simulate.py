"""`ketenwacht simulate`: its scenarios can be listed with nothing else given, and a wrong one is named."""

from __future__ import annotations

from ketenwacht.cli.root import run
from ketenwacht.simulate import SCENARIOS


def test_scenarios_are_listed_with_nothing_else_given(capsys):
    code = run(["simulate", "--scenario", "list"])

    assert code == 0
    named = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert named == [one.name for one in SCENARIOS]


def test_a_mistyped_scenario_writes_nothing_and_is_told_the_nearest(tmp_path, capsys):
    out = tmp_path / "out"

    code = run(["simulate", str(out), "--from", "2022-01-03", "--to", "2022-01-04", "--scenario", "code-fliter"])

    assert code == 2
    assert "did you mean 'code-filter'" in capsys.readouterr().err
    assert not out.exists()
