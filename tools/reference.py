"""Write docs/codes.md from the code: every code of a result with its text, the exit codes and the JSON objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ketenwacht.cli.output import ExitCode
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.messages.texts.results import CAUSES, RELEASE, RESULTS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/codes.md"
HEAD = """\
# Codes

`make docs` writes this page from the code itself; a test keeps it in step. A code is stable: it stands in JSON,
JUnit, SARIF and the history beside its text, which may change. `{persons:person|persons}` stands for a number
with its word, `{persons:=is|are}` for the word alone.

## Exit codes

| code | means |
| --- | --- |
"""
EXITS = {
    ExitCode.PASSED: "passed; warned and unproven too, unless `--strict`",
    ExitCode.FAILED: "failed: the data is wrong",
    ExitCode.USAGE: "usage or configuration",
    ExitCode.NOT_JUDGED: "could not judge, or nothing to judge",
    ExitCode.NOT_DELIVERED: "judged, but an alert, a report or the history was not delivered",
}
_SCHEMAS = """\
The field `schema` of each JSON object names it and its version; a change of meaning raises the number. Editors
validate `config.yaml` and `checks/*.yaml` by the JSON schemas in `schemas/`, which `init` copies.
"""
SCHEMA = re.compile(r'"(ketenwacht/[a-z-]+/\d+)"')


def find_schemas() -> list[str]:
    """Return the name of every JSON object that the product writes."""
    files = (ROOT / "src/ketenwacht").rglob("*.py")
    return sorted({name for file in files for name in SCHEMA.findall(file.read_text(encoding="utf-8"))})


def render_codes(codes: Iterator[str]) -> str:
    """Return a table of codes with their English texts."""
    rows = (f"| `{code}` | {RESULTS[code]['en'].replace('|', chr(92) + '|')} |" for code in codes)
    return "\n".join(["| code | text |", "| --- | --- |", *rows, ""])


def render_reference() -> str:
    """Return the page."""
    exits = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in EXITS.items())
    parts = [HEAD + exits + "\nWhen several hold: 4 before 3 before 1.\n", "## Results, by kind of check\n"]
    for kind in KINDS:
        own = [code for code in kind.codes if code in RESULTS]
        if own:
            parts += [f"### {kind.kind}\n", render_codes(iter(own))]
    parts += ["## Results of a release check (`ci`)\n", render_codes(iter(RELEASE))]
    problems = (code for code in PROBLEMS if code in RESULTS)
    parts += ["## Why a delivery could not be read or measured\n", render_codes(problems)]
    parts += ["## Why it happened\n", render_codes(iter(CAUSES))]
    schemas = "\n".join(f"- `{name}`" for name in find_schemas())
    parts += ["## JSON objects\n", _SCHEMAS, schemas, ""]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render_reference(), encoding="utf-8")
