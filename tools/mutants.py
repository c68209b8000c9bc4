"""Mutation testing: change the code in one place, run the tests that cover that place, and see whether one fails.

    make mutants                          300 seeded mutations over all packages, survivors listed
    tools/mutants.py --count 20 --only domain/checks --seed 3

First the unit and integration tests run once under coverage with a context a test (`var/mutants/.coverage`;
reused with `--reuse`; `--tests` chooses some of them). Then each mutation is written into a copy of `src/`, and
only the tests that executed its line run, until one fails, in a fork of this process.

A mutation that changes nothing for anybody (an equal comparison, a log text) belongs into
`tools/mutants_equivalent.txt` with its reason, one `path:line:change  # why` a line; it is then not counted.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import numpy as np
import pydantic  # noqa: F401 - imported once here, so that no fork imports it
import pytest
import scipy.stats  # noqa: F401 - the same
import sqlalchemy  # noqa: F401 - the same

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ketenwacht"
PLACE = ROOT / "var" / "mutants"
EQUIVALENT = ROOT / "tools" / "mutants_equivalent.txt"
MOST_TESTS, LONGEST, LEAST = 40, 180, 0.92  # tests a mutation, seconds a mutation, share to be killed
_LONGEST_TEXT = 80
ENDED, FAULT = -1, 70  # exit codes of a fork: it took too long, it could not run the tests

_COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: the file, the line it is on, its number in the file, and what it does."""

    file: Path
    line: int
    index: int
    what: str

    @property
    def name(self) -> str:
        """As survivors and the list of equivalent mutations show it."""
        return f"{self.file.relative_to(SOURCE)}:{self.line}:{self.what}"


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:  # noqa: C901 - one case a kind of change
    """Every node that can be changed, with what the change is; in a stable order, annotations left out."""
    skip = {id(n) for node in ast.walk(tree) for n in _annotations(node)}
    for node in ast.walk(tree):
        if id(node) in skip or not hasattr(node, "lineno"):
            continue
        match node:
            case ast.Compare(ops=[op]) if type(op) in _COMPARE:
                yield node, f"{type(op).__name__}→{_COMPARE[type(op)].__name__}"
            case ast.BinOp(op=op) if type(op) in _BINARY:
                yield node, f"{type(op).__name__}→{_BINARY[type(op)].__name__}"
            case ast.BoolOp(op=op):
                yield node, "and→or" if isinstance(op, ast.And) else "or→and"
            case ast.UnaryOp(op=ast.Not()):
                yield node, "drop not"
            case ast.Constant(value=bool() as value):
                yield node, f"{value}→{not value}"
            case ast.Constant(value=int() | float() as value):
                yield node, f"{value}→{value + 1}"
            case ast.Constant(value=str() as value) if 0 < len(value) < _LONGEST_TEXT and "\n" not in value:
                yield node, "text→other text"
            case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
                yield node, f"{name}→{_CALLS[name]}"
            case ast.If() | ast.IfExp():
                yield node, "if→if not"
            case ast.Continue() | ast.Break():
                yield node, "loop control→pass"


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that never decide anything: annotations, docstrings."""
    for name in ("annotation", "returns"):
        part = getattr(node, name, None)
        if isinstance(part, ast.AST):
            yield from ast.walk(part)
    body = getattr(node, "body", None)
    if isinstance(body, list):
        for one in body:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                yield one.value


class _Change(ast.NodeTransformer):
    def __init__(self, target: ast.AST) -> None:
        self.target = target

    def visit(self, node: ast.AST) -> ast.AST:  # noqa: C901 - one case a kind of change
        if node is not self.target:
            return self.generic_visit(node)
        match node:
            case ast.Compare():
                node.ops = [_COMPARE[type(node.ops[0])]()]
            case ast.BinOp():
                node.op = _BINARY[type(node.op)]()
            case ast.BoolOp():
                node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            case ast.UnaryOp():
                return node.operand
            case ast.Constant(value=bool()):
                node.value = not node.value
            case ast.Constant(value=str()):
                node.value = node.value + "x"
            case ast.Constant():
                node.value += 1  # type: ignore[operator]
            case ast.Call(func=ast.Name()):
                node.func.id = _CALLS[node.func.id]  # type: ignore[attr-defined]
            case ast.If() | ast.IfExp():
                node.test = ast.UnaryOp(ast.Not(), node.test)
            case _:
                return ast.copy_location(ast.Pass(), node)
        return node


def mutated(mutation: Mutation) -> str:
    """The text of the file with the change in it."""
    tree = ast.parse(mutation.file.read_text(encoding="utf-8"))
    target = [node for node, _ in _places(tree)][mutation.index]
    return ast.unparse(ast.fix_missing_locations(_Change(target).visit(copy.copy(tree))))


def drawn(count: int, seed: int, only: Sequence[str]) -> list[Mutation]:
    """So many mutations, over all files in proportion to their places; the same for the same seed."""
    every = []
    for file in sorted(SOURCE.rglob("*.py")):
        part = str(file.relative_to(SOURCE))
        if "migrations" in part or (only and not part.startswith(tuple(only))):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        every += [Mutation(file, node.lineno, i, what) for i, (node, what) in enumerate(_places(tree))]  # type: ignore[attr-defined]
    order = np.random.default_rng(seed).permutation(len(every))
    return [every[i] for i in order[:count]]


class _Contexts:
    """A plug-in of pytest that tells coverage which test runs."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Name the test as the context of what runs in it."""
        self.measured.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.measured.switch_context("")


def cover(tests: Sequence[str], data: Path) -> None:
    """Run the tests under coverage, a context a test."""
    measured = coverage.Coverage(data_file=str(data), source=[str(SOURCE)], config_file=False)
    measured.start()
    options = ["-q", "-n", "0", "-p", "no:cov", "-p", "no:cacheprovider", "-m", "not e2e"]
    pytest.main([*options, *tests], plugins=[_Contexts(measured)])
    measured.stop()
    measured.save()


def covered(tests: Sequence[str], *, reuse: bool) -> dict[tuple[str, int], list[str]]:
    """Return, by (path under src, line), the tests that execute it."""
    PLACE.mkdir(parents=True, exist_ok=True)
    data = PLACE / ".coverage"
    if not (reuse and data.exists()):
        _in_fork(lambda: cover(tests, data), patience=None)  # so that no mutation finds the package imported
    found: dict[tuple[str, int], list[str]] = {}
    stored = coverage.CoverageData(str(data))
    stored.read()
    for file in stored.measured_files():
        part = file.rpartition("src/ketenwacht/")[2]
        for line, contexts in stored.contexts_by_lineno(file).items():
            found[part, line] = sorted(context for context in contexts if "::" in context)
    return found


def tests_of(mutation: Mutation, lines: Mapping[tuple[str, int], Sequence[str]]) -> Sequence[str]:
    """Return the tests that execute its line; where only an import does, those of its file or package."""
    part = mutation.file.relative_to(SOURCE)
    exact = lines.get((str(part), mutation.line))
    if exact or exact is None:
        return exact or ()
    of_file = {test for (file, _), tests in lines.items() if file == str(part) for test in tests}
    beside = ROOT / "tests" / part.parts[0]
    return sorted(of_file) or ([str(beside.relative_to(ROOT))] if beside.is_dir() else [])


def survives(mutation: Mutation, tests: Sequence[str], place: Path) -> bool:
    """Return whether no test fails with the change in it; a run that takes too long counts as a failure."""
    target = place / "ketenwacht" / mutation.file.relative_to(SOURCE)
    target.write_text(mutated(mutation), encoding="utf-8")
    try:
        code = _in_fork(lambda: _run(tests, place), patience=LONGEST)
    finally:
        shutil.copyfile(mutation.file, target)
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED, ENDED}:
        raise RuntimeError(f"pytest came to {code}, which says nothing of {mutation.name}")
    return code == pytest.ExitCode.OK


def fail_unchanged(lines: Mapping[tuple[str, int], Sequence[str]], place: Path) -> bool:
    """Return whether tests fail although nothing was changed: then a failure says nothing."""
    every = sorted({test for tests in lines.values() for test in tests})
    some = [every[i] for i in sorted(np.random.default_rng(0).permutation(len(every))[:MOST_TESTS])]
    if _in_fork(lambda: _run(some, place), patience=LONGEST) == 0:
        return False
    print("the tests fail without any change")
    return True


def _run(tests: Sequence[str], place: Path) -> int:
    sys.path.insert(0, str(place))
    os.environ["PYTHONPATH"] = str(place)  # for the processes that tests start
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
        return int(pytest.main([*options, *tests]))


def _in_fork(do: Callable[[], int | None], *, patience: float | None) -> int:
    """Return the exit code of a fork that does it; `ENDED` when it was ended after `patience` seconds."""
    child = os.fork()
    if child == 0:
        code = FAULT
        try:
            os.setpgid(0, 0)
            code = do() or 0
        finally:
            os._exit(code)
    end = time.monotonic() + patience if patience is not None else float("inf")
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)  # noqa: TID251 - a script
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return ENDED


def main() -> int:
    """Draw, run, and list what survived; 1 when fewer than 92 % were killed."""
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--count", type=int, default=300)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--only", nargs="*", default=[])
    parse.add_argument("--tests", nargs="*", default=["tests"])
    parse.add_argument("--covered", action="store_true", help="count only lines that a test executes")
    parse.add_argument("--reuse", action="store_true", help="the coverage of the last run")
    asked = parse.parse_args()
    lines = covered(asked.tests, reuse=asked.reuse)
    listed = EQUIVALENT.read_text(encoding="utf-8") if EQUIVALENT.exists() else ""
    known = {line.partition("  #")[0].strip() for line in listed.splitlines()}
    place = PLACE / "src"
    shutil.rmtree(place, ignore_errors=True)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    shutil.copytree(SOURCE, place / "ketenwacht", ignore=shutil.ignore_patterns("__pycache__"))
    if fail_unchanged(lines, place):
        return 1
    killed, alive, uncovered, equal, began = 0, [], [], 0, time.monotonic()
    for number, mutation in enumerate(drawn(asked.count, asked.seed, asked.only), 1):
        if mutation.name in known:
            equal += 1
            continue
        tests = tests_of(mutation, lines)
        if not tests:
            uncovered.append(mutation)
            continue
        some = np.random.default_rng(asked.seed).permutation(len(tests))[:MOST_TESTS]
        picked = [tests[i] for i in sorted(some)]
        if survives(mutation, picked, place):
            alive.append(mutation)
            print(f"survived  {mutation.name}  ({len(tests)} tests)", flush=True)
        else:
            killed += 1
        so_far = (
            f"{number}/{asked.count}  {killed} killed, {len(alive)} survived, {time.monotonic() - began:.0f} s"
        )
        print(so_far, file=sys.stderr)
    judged = killed + len(alive) + (0 if asked.covered else len(uncovered))
    rest = f"{len(alive)} survived, {len(uncovered)} not covered, {equal} equivalent"
    print(f"{killed} of {judged} killed ({killed / max(judged, 1):.0%}); {rest}")
    for mutation in uncovered:
        print(f"not covered  {mutation.name}")
    return 0 if judged and killed / judged >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
