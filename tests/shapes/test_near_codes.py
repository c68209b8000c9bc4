"""A code that differs from a known one by space, case or Unicode form alone is named as that."""

from __future__ import annotations

import json

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration
CONFIG = """
version: 1
feeds:
  persons:
    source: {kind: files, path: in, pattern: "F_{date:%Y%m%d}.csv", reader: csv, delimiter: ";"}
    suites: [suite.json]
"""
SUITE = {
    "name": "s",
    "expectations": [
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "code", "value_set": ["gezin", "asiel", "caf\u00e9 1"]},
            "meta": {"check_id": "known"},
        }
    ],
}


@pytest.mark.parametrize(
    ("why", "code", "expected"),
    [
        ("a space at its end", "gezin ", ("contract.near_space", "gezin")),
        ("a no-break space at its start", "\u00a0gezin", ("contract.near_space", "gezin")),
        ("a space that takes no room", "ge\u200bzin", ("contract.near_space", "gezin")),
        ("a capital", "Gezin", ("contract.near_case", "gezin")),
        ("a capital and a space", "ASIEL ", ("contract.near_case", "asiel")),
        ("an accent as a character of its own", "cafe\u0301 1", ("contract.near_unicode", "caf\u00e9 1")),
        ("letters of full width", "\uff47\uff45\uff5a\uff49\uff4e", ("contract.near_unicode", "gezin")),
        ("another word", "gezinnen", None),
    ],
)
def test_a_near_code_is_named(tmp_path, capsys, why, code, expected):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "suite.json").write_text(json.dumps(SUITE))
    (tmp_path / "in").mkdir()
    rows = ["gezin"] * 30 + [code] * 12
    text = "nr;code\n" + "".join(f'{number};"{one}"\n' for number, one in enumerate(rows))
    (tmp_path / "in/F_20230116.csv").write_text(text, encoding="utf-8")
    assert (
        run(["-c", str(tmp_path / "config.yaml"), "check", "--at", "2023-01-17T08:00Z", "--format", "json"]) == 1
    )
    judged = json.loads(capsys.readouterr().out.splitlines()[0])
    (result,) = [one for one in judged["results"] if one["check"] == "contract.known"]
    assert result["observed"] == 12, why
    found = [
        (one["code"], one["params"]["code"])
        for part in result["params"]["found"]
        for one in part["params"]["codes"]
    ]
    assert found == ([expected] if expected else []), (why, result["message"])
