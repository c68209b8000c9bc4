"""Every fenced block of the documents is run, read as configuration, or listed with the reason why it is not.

`TREATED` says which blocks others run, and `NOT_RUN` which nobody can run here. This file runs all others, those
of a page one after another in one folder that holds what the page takes for granted.
"""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import ROOT, Project
from ruamel.yaml import YAML
from typer.main import get_command

from ketenwacht.cli.evidence import _Adding
from ketenwacht.cli.root import app

PAGES = ("README.md", "CONTRIBUTING.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md")))


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the line of its fence, its language ("": none), its lines."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    begun, language, lines = 0, "", []
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"( *)```(\w*)$", line)
        if fence and not begun:
            begun, language, lines, indent = number, fence[2], [], len(fence[1])
        elif fence:
            yield Block(page, begun, language, "\n".join(lines))
            begun = 0
        elif begun:
            lines.append(line[indent:])


BLOCKS = [block for page in PAGES for block in blocks_of(page)]

TREATED = {
    ("CONTRIBUTING.md", "make install"): ".ci/run",
    ("docs/incidents.md", "npm install"): ".ci/run",
    ("docs/incidents.md", "11 jan 2022"): "tools/channel.py",
    ("docs/incidents.md", "slack:"): "tests/docs/test_slack_trial.py",
    ("docs/incidents.md", "npx --yes emulate"): "tests/docs/test_slack_trial.py",
    ("docs/integrations.md", "python -m pip install dagster"): "tests/docs/test_integrations.py",
    ("docs/ci.md", "python -m pip install"): "tools/release.py",
    ("docs/tutorial.md", "$ python3 -m venv"): "tools/release.py",
    ("docs/tutorial.md", ""): "tests/docs/test_site.py",
    ("docs/new-feed.md", "ketenwacht init feeds/requests"): "tests/e2e/test_walks.py",
    ("docs/new-feed.md", "ketenwacht init feeds/benefits"): "tests/e2e/test_walks.py",
    ("docs/new-feed.md", "ketenwacht init feeds/arrivals --from s3:"): "tests/e2e/test_walks.py",
    ("docs/new-feed.md", "ketenwacht init feeds/permits"): "tests/shapes/test_samples.py",
    ("docs/plugins.md", ""): "tests/plugins/test_example.py",
    ("docs/plugins/example/README.md", ""): "tests/plugins/test_example.py",
    ("docs/dialects.md", "[project.entry-points"): "tests/dialects/test_template.py",
    ("docs/sender.md", "make sender"): "tests/reconcile/test_sender_kit.py",
    ("docs/dependencies.md", "make equivalence"): "tests/test_equivalence.py",
    ("docs/shapes.md", "cp -r tests/shapes"): "tests/shapes/test_shapes.py",
    ("docs/shapes.md", "# "): "tests/shapes/test_shapes.py",
    ("docs/shapes.md", "version: 1"): "tests/shapes/test_shapes.py",
    ("docs/shapes.md", "{"): "tests/shapes/test_shapes.py",
}
"""(page, how the block begins) → the file that runs it or writes it."""

NOT_RUN = {
    (
        "README.md",
        "make demo",
    ): "takes minutes; tests/e2e/test_demo_evidence.py runs what it calls on a shorter feed",
    ("README.md", "What was found when"): "the output of `make demo`",
    ("README.md", "make test"): "runs this file",
    ("docs/dialects.md", "KETENWACHT_DIALECT_URL"): "needs a Trino",
    ("docs/evidence.md", "What volume can detect now"): "an example of a feed with two years behind it",
    ("docs/evidence.md", "ketenwacht baseline propose"): "counts false alarms in a hundred histories: minutes; "
    "tests/cli/test_evidence_baseline.py calls the same commands with fewer",
    ("docs/evidence.md", "ketenwacht backtest"): "minutes; tests/cli/test_backtest.py calls it with fewer runs",
    ("docs/new-feed.md", "config.yaml:21:14"): "faults of a configuration that is not shown",
    ("docs/reconciliation.md", "ketenwacht reconcile --register 'postgresql"): "needs a PostgreSQL; "
    "tests/reconcile compares tables",
    ("docs/reconciliation.md", "doelgroep gezinsmigrant: 1,830"): "an example of lists that are not shown",
    ("docs/pages.md", "curl"): "needs a service with a certificate; tests/web makes the same request",
}
"""(page, how the block begins) → why it cannot be run."""


def found_in(table: dict[tuple[str, str], str], block: Block) -> tuple[str, str] | None:
    """Return the key of a table that stands for a block."""
    keys = [key for key in table if key[0] == block.page and block.text.startswith(key[1])]
    return max(keys, key=lambda key: len(key[1]), default=None)


OWN = [block for block in BLOCKS if found_in(TREATED, block) is None and found_in(NOT_RUN, block) is None]
CONFIGURED = [block for block in OWN if block.language in {"yaml", "json"}]
RUN = [block for block in OWN if block.language in {"sh", "python", "text", ""}]


def test_every_block_has_one_treatment():
    assert [str(block) for block in OWN if block not in CONFIGURED + RUN] == []
    used = {found_in(table, block) for table in (TREATED, NOT_RUN) for block in BLOCKS}
    assert (TREATED.keys() | NOT_RUN.keys()) - used == set(), "no page has these blocks any more"


@pytest.mark.parametrize(("key", "file"), TREATED.items(), ids=str)
def test_the_file_that_runs_a_block_is_there(key, file):
    assert (ROOT / file).is_file()


# Commands: each names a command and options that exist.


def calls_in(text: str) -> Iterator[list[str]]:
    """Yield the words of each call of `ketenwacht` in a shell text."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"[;|&]|(?<!\S)#", line):
            words = part.split()
            if words and words[0].endswith("ketenwacht"):
                yield words[1:]


def inline_calls() -> Iterator[tuple[str, list[str]]]:
    """Yield each call in running text, with its page."""
    for page in PAGES:
        text = re.sub(
            r"^ *```.*?^ *```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        for call in re.findall(r"`(ketenwacht [^`]+)`", text):
            yield from ((page, words) for words in calls_in(call.replace("\n", " ")))


def unknown_in(words: list[str]) -> list[str]:
    """Return the words of a call that are no command and no option."""
    command, unknown = get_command(app), []
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    for word in words:
        inner = getattr(command, "commands", None)
        if word.startswith("-") and not re.fullmatch(r"-\d+|--?", word):
            known |= {o for param in command.params for o in (*param.opts, *param.secondary_opts)}
            unknown += [word] if word.split("=")[0] not in known | {"--help"} else []
        elif inner and word in inner:
            command = inner[word]
            if isinstance(command, _Adding):  # `declare FEED` is `declare add FEED`
                rest = words[words.index(word) + 1 :]
                command = command if rest and rest[0] in command.commands else command.commands["add"]
            known |= {o for param in command.params for o in (*param.opts, *param.secondary_opts)}
        elif inner and re.fullmatch(r"[a-z-]+", word):
            unknown.append(word)
    return unknown


def test_every_command_in_the_documents_exists_with_its_options():
    given = [(str(block), words) for block in BLOCKS for words in calls_in(block.text)] + list(inline_calls())
    assert len(given) > 100
    assert [(where, " ".join(words), unknown_in(words)) for where, words in given if unknown_in(words)] == []


# Configuration: each piece is put where it belongs in the sample project, and linted.


YAML_FILE = YAML(typ="safe")
OF_FEED = {"source", "evidence", "canaries", "receipts", "title"}
TERMS = "contracts/persons.yaml"


def merge(base: dict, piece: dict) -> dict:
    """Return a tree in which the piece is laid over the base; a source of another kind is replaced whole."""
    both = {
        key: merge(base[key], piece[key]) for key in base.keys() & piece.keys() if is_alike(base[key], piece[key])
    }
    return base | piece | both


def is_alike(base: object, piece: object) -> bool:
    """Return whether both are trees, of the same kind, that can be laid over each other."""
    if not isinstance(base, dict) or not isinstance(piece, dict) or "source" in piece.get("register", {}):
        return False
    return piece.get("kind", base.get("kind")) == base.get("kind")


def placed(piece: object) -> tuple[str, object] | None:
    """Return the file that a piece of YAML belongs to, and the piece as that file has it; None: not ours."""
    found: tuple[str, object] | None = None
    match piece:
        case [{"kind": _}, *_]:
            found = "checks/ind_duo.yaml", {"checks": piece}
        case {"feeds": feeds}:
            found = "config.yaml", piece | {"feeds": {"ind-duo": next(iter(feeds.values()))}}
        case {"register": register}:
            found = "config.yaml", {"feeds": {"ind-duo": {"evidence": {"register": register}}}}
        case {"alerts": _} | {"service": _}:
            found = "config.yaml", piece
        case {"status": _, "slaProperties": _}:
            found = TERMS, piece
        case dict() if piece.keys() <= OF_FEED:
            found = "config.yaml", {"feeds": {"ind-duo": piece}}
    return found


def value_of(name: re.Match[str]) -> str:
    """Return what a variable of a piece may be set to."""
    if name[1].endswith("URL"):
        return "sqlite:///rows.db"
    return f"{name[1].lower()}-1a9f4c7e2b8d6053f1e7c4a2b9d8e6f0"


PIECES = [block for block in CONFIGURED if block.language == "yaml" and placed(YAML_FILE.load(block.text))]
OTHERS = [block for block in CONFIGURED if block.language == "yaml" and block not in PIECES]


@pytest.mark.parametrize("block", PIECES, ids=str)
def test_a_piece_of_configuration_has_no_fault(block, tmp_path):
    project = Project.copied_to(tmp_path)
    file, piece = placed(YAML_FILE.load(re.sub(r"\$\{(\w+)\}", value_of, block.text)))
    (tmp_path / "contracts").mkdir()
    (tmp_path / TERMS).write_text("version: 1.0.0\nstatus: draft\n", encoding="utf-8")
    path = tmp_path / file
    base = YAML_FILE.load(path.read_text(encoding="utf-8"))
    if file.startswith("checks/"):  # each instead of those of its kind
        given = {check["kind"] for check in piece["checks"]}
        piece = {"checks": [*piece["checks"], *(one for one in base["checks"] if one["kind"] not in given)]}
    if file == "config.yaml":
        base["feeds"]["ind-duo"] |= {"suites": [], "environments": {}}
        piece.get("alerts", {}).get("routes", []).append({"name": "reserve", "console": True})
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(merge(base, piece), stream)
    linted = project.call("lint")
    assert (linted.code, linted.out.strip()) == (0, "nothing to fix"), linted.out + linted.err


@pytest.mark.parametrize("block", [one for one in CONFIGURED if one.language == "json"], ids=str)
def test_an_expectation_has_no_fault(block, tmp_path):
    project = Project.copied_to(tmp_path)
    suite = {
        "name": "shown",
        "meta": {"great_expectations_version": "1.24.1"},
        "expectations": [json.loads(block.text)],
    }
    (tmp_path / "expectations/shown.json").write_text(json.dumps(suite), encoding="utf-8")
    linted = project.call("lint", "--set", "feeds.ind-duo.suites=[expectations/shown.json]")
    assert (linted.code, linted.out.strip()) == (0, "nothing to fix"), linted.out + linted.err


# What other programs read.


def test_the_examples_for_build_servers_give_inputs_that_exist():
    taken = {
        "- uses": YAML_FILE.load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"].keys(),
        "include": next(YAML_FILE.load_all((ROOT / "templates/ketenwacht.yml").read_text(encoding="utf-8")))[
            "spec"
        ]["inputs"].keys(),
        "steps": {
            one["name"]
            for one in YAML_FILE.load((ROOT / "azure-template.yml").read_text(encoding="utf-8"))["parameters"]
        },
    }
    given = {}
    for block in OTHERS:
        piece = YAML_FILE.load(re.sub(r"<.*?>", "x", block.text))
        match piece:
            case [{"uses": _, "with": inputs}]:
                given["- uses"] = inputs.keys()
            case {"include": [{"inputs": inputs}]}:
                given["include"] = inputs.keys()
            case {"steps": [{"parameters": inputs}]}:
                given["steps"] = inputs.keys()
            case {"repos": [{"hooks": hooks}]}:
                ours = YAML_FILE.load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
                assert {hook["id"] for hook in hooks} == {hook["id"] for hook in ours}
            case _:
                pytest.fail(f"{block}: not the configuration of anything")
    assert given.keys() == taken.keys()
    assert {server for server in given if not given[server] <= taken[server]} == set()


# Commands and Python: those of a page one after another, in one folder.


PRELUDE = """
ketenwacht() { command ketenwacht "$@"; local code=$?; [ $code -le 1 ] || exit $code; return $code; }
"""
"""A verdict of 1 (the data is wrong) is what some examples show; any other exit code is a fault of the page."""
LISTS = "\n".join(
    f"ketenwacht pseudonymise {name}.csv --key v_nummer --keep doelgroep --out {name}.pseudonyms.csv"
    for name in ("register", "reception")
)
NO_HISTORY = "KETENWACHT_HISTORY=sqlite:///var/none.db"
REPLACED = {
    'measurements="measurements/ind-duo.jsonl"': 'measurements="var/production.jsonl"',
    ".venv/bin/ketenwacht": "ketenwacht",
    "000123": "000030",
    "--expect 1000": "--expect 250",
    "ketenwacht ci ind-duo --env staging --github": f"{NO_HISTORY} ketenwacht ci ind-duo --env staging --github",
    "ketenwacht ci --env staging --all": f"{NO_HISTORY} ketenwacht ci --env staging --all",
    "ketenwacht undercoverage ind-duo": f"{LISTS}\nketenwacht undercoverage ind-duo",
    "reception=reception.csv": "reception=reception.pseudonyms.csv",
    "--from 2024-01-01 --to 2024-06-30": "--from 2024-01-01 --to 2024-01-26",
}
"""What a page says → what is run, where the page takes longer or has other numbers."""


def bare_sample(root: Path, first: str, last: str, *, suites: bool, scenario: str = "healthy") -> Project:
    """Write the sample project with its deliveries of some days, judged."""
    project = Project.copied_to(root)
    config = root / "config.yaml"
    if not suites:
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("suites: [expectations/ind_duo.json]", "suites: []"), encoding="utf-8")
    span = ("--from", first, "--to", last, "--seed", "1")
    assert project.call("simulate", "var/sample", *span, "--scenario", scenario).code == 0
    assert project.call("check").code <= 1
    return project


def prepare_gate(root: Path) -> None:
    """Ten deliveries of production, and ten healthy ones of staging."""
    project = bare_sample(root, "2022-12-19", "2022-12-30", suites=True)
    staging = ("--from", "2023-01-02", "--to", "2023-01-13", "--seed", "2", "--scenario", "healthy")
    assert project.call("simulate", "var/staging", *staging).code == 0
    assert project.call("measurements", "export", "var/production.jsonl").code == 0


def prepare_evidence(root: Path) -> None:
    """Twelve weeks of the sample, and the files that the pages name."""
    bare_sample(root, "2022-04-01", "2022-06-24", suites=False, scenario="code-filter")
    sample = root / "var/sample"
    register = sample / "register/REGISTER_20220624.csv"
    shutil.copy(sample / "references/besluiten_per_week.csv", root)
    shutil.copy(sample / "inquiries/navragen.csv", root)
    for name in (
        "REGISTER_20220624.csv",
        "register.csv",
        "own_list.csv",
        "register.pseudonyms.csv",
        "reception.csv",
    ):
        shutil.copy(register, root / name)
    deliveries = sorted((sample / "deliveries").glob("*.csv"))
    lines = [line for path in deliveries for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    header = deliveries[0].read_text(encoding="utf-8").splitlines()[0]
    (root / "delivered.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def prepare_arrivals(root: Path) -> None:
    """Nothing but a file with arrivals of twenty working days."""
    days = [f"2024-01-{day:02}" for day in range(1, 27) if day % 7 not in {6, 0}]
    rows = [f"{day};{1000 * at + i};{('north', 'south')[i % 2]}" for at, day in enumerate(days) for i in range(40)]
    (root / "arrivals.csv").write_text("\n".join(["day;number;region", *rows]) + "\n", encoding="utf-8")


SCENES = {
    "README.md": prepare_gate,
    "docs/ci.md": prepare_gate,
    "docs/python.md": prepare_gate,
    "docs/integrations.md": prepare_gate,
    "docs/evidence.md": prepare_evidence,
    "docs/reconciliation.md": prepare_evidence,
    "docs/new-feed.md": prepare_arrivals,
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Return a function that gives a folder as a scene prepares it; each is prepared once, and copied."""
    made: dict[str, Path] = {}

    def copy(page: str, place: Path) -> None:
        prepare = SCENES[page]
        if prepare.__name__ not in made:
            made[prepare.__name__] = tmp_path_factory.mktemp("scene")
            prepare(made[prepare.__name__])
        shutil.copytree(made[prepare.__name__], place)
        if not (place / "arrivals.csv").exists():
            prepare_arrivals(place)

    return copy


class Catalogue(http.server.BaseHTTPRequestHandler):
    """A catalogue that takes every event."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def catalogue() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Catalogue) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def command_of(block: Block, place: Path, catalogue: str) -> list[str]:
    """Return how a block is run."""
    text = block.text.replace("http://marquez:5000", catalogue)
    for said, run in REPLACED.items():
        text = text.replace(said, run)
    if block.language != "python":
        return ["/bin/bash", "-c", PRELUDE + text + "\nexit 0"]
    script = place / ("test_snippet.py" if "def test_" in text else "snippet.py")
    script.write_text(text + "\n", encoding="utf-8")
    return [sys.executable, *(["-m", "pytest", "-q"] if "def test_" in text else []), script.name]


def is_output(block: Block) -> bool:
    return block.language == "text" or (block.language == "" and not any(calls_in(block.text)))


@pytest.mark.e2e
@pytest.mark.parametrize("page", sorted({block.page for block in RUN}))
def test_the_commands_of_a_page_work_one_after_another(page, scenes, catalogue, tmp_path):
    place, printed = tmp_path / "place", ""
    scenes(page, place)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "COLUMNS": "100",
        "HOME": str(tmp_path),
        "KETENWACHT_KEYS_FILE": "keys.txt",
    }
    for block in (one for one in RUN if one.page == page):
        if is_output(block):
            for line in block.text.splitlines():
                pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
                assert re.search(pattern, printed), f"{block}: {line}"
            continue
        environment["KETENWACHT_KEYS_FILE"] = "keys.txt" if (place / "keys.txt").exists() else ""
        done = subprocess.run(
            command_of(block, place, catalogue), cwd=place, env=environment,
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{block.text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        printed += done.stdout + done.stderr
