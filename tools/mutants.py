"""Mutation testing: change the code in one place, run the tests that cover that place, and see whether one fails.

    make mutants                              300 seeded mutations over all packages, survivors listed
    tools/mutants.py --count 20 --only domain/checks --tests tests/domain --seed 3
    tools/mutants.py --cover                  only record which test runs which lines (kept in .cache/mutants)

The tests are collected once, in a server that forks. Each test file runs once in a fork of it, under coverage;
what it ran, and the processor time of each test, is kept until the file changes. A mutation inside a function is
put into the live functions of a fork; any other (a table, a text, a default) runs in a process that imports the
package anew from a copy. Only the tests that execute the place run, those of its module first, until one fails. A
test that fails in the copy without any change kills nothing: it is left out, and named.
Limits are of processor time, since a machine may be shared.

A mutation that changes nothing for anybody (an equal comparison, a text of the log) belongs into
`tools/mutants_equivalent.txt` with its reason, one `name  # why` a line; it is then not counted.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import gc
import hashlib
import importlib
import os
import pickle
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from types import CodeType, FunctionType

import coverage
import pytest
from mutant_places import ROOT, SOURCE, Mutation, draw_mutations, mutate, read_names

CACHE = ROOT / ".cache" / "mutants"
COPY = CACHE / "src"
KILLER = CACHE / "killer.txt"  # the test that failed last in the copy
EQUIVALENT = ROOT / "tools" / "mutants_equivalent.txt"
LEAST = 0.92  # share of mutations to be killed
BUDGET = 20.0  # processor seconds of tests a mutation; one file of tests always runs whole
LONGEST_WAIT = 900.0  # seconds of the clock: a fork that waits for itself uses no processor time
CHEAP = 1.0  # processor seconds of a file of tests
FILES_OF_A_TABLE = 8  # test files for a mutation outside functions
WARM = ("pydantic", "scipy.stats", "sqlalchemy", "duckdb", "great_expectations", "rich.table", "typer", "jinja2")
CATALOGUES = (
    "tests/test_public_values.py",
    "tests/test_written_lists.py",
    "tests/test_dataclasses.py",
    "tests/messages/test_catalogues.py",
    "tests/messages/test_results.py",
    "tests/messages/test_labels.py",
    "tests/cli/test_command_tree.py",
    "tests/domain/checks/test_kinds.py",
)
OPTIONS = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--hypothesis-profile=mutants", "-m", "not e2e")
ENDED, FAULT, NO_TEST, NOT_LIVE = -signal.SIGKILL, 70, 71, 72  # exit codes of a fork

Tests = dict[str, float]


@dataclass(slots=True)
class Coverage:
    """Which tests run which lines of which file, and the processor seconds of each test."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    seconds: Tests = field(default_factory=dict)
    setups: Tests = field(default_factory=dict)
    sources: dict[str, list[dict[str, str]]] = field(default_factory=dict)


class _Recorder:
    """A plug-in of pytest that records the lines and the processor time of each test."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.setups: Tests = {}
        self.seconds: Tests = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Name the test as the context of what runs in it."""
        self.measured.switch_context(item.nodeid)
        began = _processor_seconds()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = _processor_seconds() - began
            self.measured.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Time the fixtures apart: the first test of a file makes what the others share."""
        began = _processor_seconds()
        try:
            return (yield)
        finally:
            self.setups[item.nodeid] = _processor_seconds() - began


def _processor_seconds() -> float:
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in of)


class Server:
    """A plug-in of pytest: in place of running the tests it collected, it hands the session to a function."""

    def __init__(self, work: Callable[[pytest.Session], None]) -> None:
        self.work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do the work; no test runs in this process."""
        gc.collect()
        gc.freeze()  # so that a fork shares the memory
        self.work(session)
        return True


def serve(work: Callable[[pytest.Session], None], tests: Sequence[str] = ("tests",)) -> None:
    """Collect these tests in a fork, and do the work there."""
    code = fork(lambda: int(pytest.main([*OPTIONS[1:], *tests], plugins=[Server(work)])), quiet=False)
    if code not in {0, int(pytest.ExitCode.NO_TESTS_COLLECTED)}:
        raise RuntimeError(f"the tests could not be collected: pytest came to {code}")


def run_items(session: pytest.Session, items: Sequence[pytest.Item]) -> int:
    """Run these tests of a collected session until one fails; 1 when one does."""
    session.items = list(items)
    session.testsfailed = 0
    session.config.option.maxfail = 1
    session.shouldstop = session.shouldfail = False
    for number, item in enumerate(session.items):
        beyond = session.items[number + 1] if number + 1 < len(session.items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=beyond)
        if session.testsfailed:
            return 1
    return 0


def fork(do: Callable[[], int], *, quiet: bool = True, seconds: float | None = None) -> int:
    """Return the exit code of a fork that does it; negative when a limit of time ended it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = FAULT
        try:
            os.setpgid(0, 0)
            if quiet:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
            if seconds is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
            code = do()
        except BaseException:
            with (CACHE / "faults.txt").open("a", encoding="utf-8") as log:
                traceback.print_exc(file=log)
            raise
        finally:
            sys.stdout.flush()
            os._exit(code)
    if seconds is None:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    end = time.monotonic() + LONGEST_WAIT
    status = 0
    done = 0
    while not done and time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0 if done else 0.02)  # noqa: TID251 - a script
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what the tests left behind, too
    if not done:
        os.waitpid(child, 0)
        return ENDED
    return os.waitstatus_to_exitcode(status)


def _key(file: str) -> str:
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]


def record_coverage(session: pytest.Session) -> None:
    """Run each test file whose record is missing or of another content, under coverage, in a fork."""
    place = CACHE / "tests"
    place.mkdir(parents=True, exist_ok=True)
    of_file: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in session.items:
        of_file[item.nodeid.partition("::")[0]].append(item)
    wanted = {f"{file.replace('/', '.')}-{_key(file)}.pickle": file for file in of_file}
    named = {file.replace("/", ".") for file in of_file}
    for old in place.iterdir():
        if old.name.rpartition("-")[0] in named and old.name not in wanted:
            old.unlink()
    texts = {
        str(path.relative_to(SOURCE)): _kept(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")
    }
    slow = {file for file, items in of_file.items() if any(one.get_closest_marker("integration") for one in items)}
    for name, file in sorted(wanted.items(), key=lambda pair: (pair[1] in slow, pair[1])):
        if not (place / name).exists():
            code = fork(lambda file=file, name=name: _record(session, of_file[file], place / name, texts))
            print(f"recorded {file}" if code == 0 else f"failed unchanged ({code}): {file}", flush=True)


def _record(session: pytest.Session, items: Sequence[pytest.Item], place: Path, texts: Mapping[str, str]) -> int:
    measured = coverage.Coverage(data_file=None, source=[str(SOURCE)], config_file=False)
    measured.set_option("run:disable_warnings", ["no-data-collected"])  # the tests of a command start processes
    recorder = _Recorder(measured)
    session.config.pluginmanager.register(recorder)
    measured.start()
    code = run_items(session, items)
    measured.stop()
    data = measured.get_data()
    lines = {}
    for path in (path for path in data.measured_files() if path.endswith(".py")):
        part = str(Path(path).relative_to(SOURCE))
        by_line = data.contexts_by_lineno(path)
        lines[part] = {line: [c for c in contexts if c] for line, contexts in by_line.items() if any(contexts)}
    if code == 0:
        record = (lines, recorder.seconds, recorder.setups, {part: texts[part] for part in lines})
        place.write_bytes(pickle.dumps(record))
    return code


def _kept(text: str) -> str:
    """Keep the text of a source file once, and return its name."""
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    (CACHE / "sources").mkdir(parents=True, exist_ok=True)
    (CACHE / "sources" / name).write_text(text, encoding="utf-8")
    return name


def load_coverage() -> Coverage:
    """Return the records, their line numbers moved to the sources of today."""
    found = Coverage()
    moved: dict[tuple[str, str], dict[int, int]] = {}
    for path in sorted((CACHE / "tests").glob("*.pickle")):
        lines, seconds, setups, sources = pickle.loads(path.read_bytes())  # noqa: S301 - our own file
        found.seconds |= seconds
        found.setups |= setups
        for part, by_line in lines.items():
            if not by_line or not (SOURCE / part).exists():
                continue
            key = part, sources[part]
            if key not in moved:
                moved[key] = _moved_lines(part, sources[part])
            for line, tests in by_line.items():
                if line in moved[key]:
                    found.lines[part][moved[key][line]] |= set(tests)
    return found


def _moved_lines(part: str, name: str) -> dict[int, int]:
    old = (CACHE / "sources" / name).read_text(encoding="utf-8").splitlines()
    new = (SOURCE / part).read_text(encoding="utf-8").splitlines()
    if old == new:
        return {number: number for number in range(1, len(old) + 1)}
    same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {one.a + i + 1: one.b + i + 1 for one in same for i in range(one.size)}


def choose_tests(mutation: Mutation, known: Coverage) -> list[tuple[str, list[str], float]]:
    """Return (test file, its tests, processor seconds), the cheapest first, as far as the budget goes."""
    part = str(mutation.file.relative_to(SOURCE))
    if mutation.in_function:
        lines = known.lines.get(part, {})
        tests = {t for line in range(mutation.line, mutation.end + 1) for t in lines.get(line, ())}
        tests = tests or {t for line in range(*mutation.statement) for t in lines.get(line, ())}
    else:
        tests = {
            t for file, line in read_names().lines_of(mutation) for t in known.lines.get(file, {}).get(line, ())
        }
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in sorted(tests):
        by_file[test.partition("::")[0]].append(test)
    if not mutation.in_function:
        stem = mutation.file.stem
        beside = ROOT / "tests" / Path(part).parent
        near = [str(p.relative_to(ROOT)) for p in beside.glob(f"test_{stem}*.py")]
        passed = {test.partition("::")[0] for test in known.seconds}  # without any change
        for file in (file for file in (*near, *CATALOGUES) if file in passed):
            by_file.setdefault(file, [])
    costs = [(file, tests, _cost(file, tests, known)) for file, tests in by_file.items()]
    chosen: list[tuple[str, list[str], float]] = []
    spent = 0.0
    own = f"/test_{mutation.file.stem}"  # the tests of the module itself come first, whatever they cost
    for one in sorted(costs, key=lambda one: (own not in one[0], one[2])):
        if chosen and spent + one[2] > BUDGET:
            break
        chosen.append(one)
        spent += one[2]
    return chosen if mutation.in_function else chosen[: FILES_OF_A_TABLE + len(CATALOGUES)]


def _cost(file: str, tests: Sequence[str], known: Coverage) -> float:
    every = [known.setups.get(t, 0.0) for t in known.seconds if t.startswith(f"{file}::")]
    picked = tests or [t for t in known.seconds if t.startswith(f"{file}::")]
    return max(every, default=0.0) + sum(known.seconds.get(t, 0.0) - known.setups.get(t, 0.0) for t in picked)


def patch_functions(mutation: Mutation) -> int:
    """Put the mutated code into the live functions of this process; return how many changed."""
    name = str(mutation.file)
    old = compile(mutation.file.read_text(encoding="utf-8"), name, "exec", dont_inherit=True)
    new = compile(mutate(mutation), name, "exec", dont_inherit=True)
    changed: dict[tuple[str, int], CodeType] = {}
    _pair(old, new, changed)
    count = 0
    importlib.import_module(".".join(("ketenwacht", *mutation.file.relative_to(SOURCE).with_suffix("").parts)))
    gc.unfreeze()  # what is frozen is not listed
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == name:
            code = changed.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
            if code is not None:
                one.__code__ = code
                count += 1
    gc.freeze()
    return count


def _pair(old: CodeType, new: CodeType, changed: dict[tuple[str, int], CodeType]) -> None:
    inner_old = [c for c in old.co_consts if isinstance(c, CodeType)]
    inner_new = [c for c in new.co_consts if isinstance(c, CodeType)]
    if old.co_name != "<module>" and old != new:
        changed[old.co_qualname, old.co_firstlineno] = new
    for a, b in zip(inner_old, inner_new, strict=False):
        if a.co_name == b.co_name:
            _pair(a, b, changed)


def write_copy(mutation: Mutation | None, *, back: Mutation | None = None) -> None:
    """Write the mutation into the copy of the package that new processes import; put another one back."""
    if back is not None:
        shutil.copy2(back.file, COPY / "ketenwacht" / back.file.relative_to(SOURCE))
    if mutation is not None:
        target = COPY / "ketenwacht" / mutation.file.relative_to(SOURCE)
        target.write_text(ast.unparse(mutate(mutation)), encoding="utf-8")


@dataclass(slots=True)
class Tally:
    """What became of each mutation."""

    killed: list[Mutation] = field(default_factory=list)
    alive: list[tuple[Mutation, int]] = field(default_factory=list)
    uncovered: list[Mutation] = field(default_factory=list)
    anew: list[Mutation] = field(default_factory=list)
    """Inside functions that cannot be reached in a running process: a decorator keeps its own copy."""

    def add(self, mutation: Mutation, code: int, tests: int) -> None:
        """Count one mutation by the exit code of its tests, and print a survivor at once."""
        if code == NO_TEST:
            self.uncovered.append(mutation)
            print(f"not covered  {mutation.name}", flush=True)
        elif code == 0:
            self.alive.append((mutation, tests))
            print(f"survived  {mutation.name}  ({tests} tests)", flush=True)
        else:
            self.killed.append(mutation)
        so_far = f"{len(self.killed)} killed, {len(self.alive)} survived, {len(self.uncovered)} not covered"
        print(so_far, end="\r", file=sys.stderr)

    def dump(self, path: Path) -> None:
        """Hand the tally to the process that asked for it."""
        path.write_bytes(pickle.dumps((self.killed, self.alive, self.uncovered, self.anew)))

    def load(self, path: Path) -> None:
        """Take the tally of a fork."""
        self.killed, self.alive, self.uncovered, self.anew = pickle.loads(path.read_bytes())  # noqa: S301 - our own file


def try_inside(session: pytest.Session, mutations: Sequence[Mutation], known: Coverage) -> Tally:
    """Try the mutations inside functions, each in a fork of the collected session."""
    items = {item.nodeid: item for item in session.items}
    tally = Tally()
    for mutation in mutations:
        chosen = choose_tests(mutation, known)
        picked = [items[test] for _, tests, _ in chosen for test in tests if test in items]
        if not picked:
            tally.add(mutation, NO_TEST, 0)
            continue
        write_copy(mutation)
        limit = 20 + 4 * sum(cost for _, _, cost in chosen)

        def run(mutation: Mutation = mutation, picked: list[pytest.Item] = picked) -> int:
            return run_items(session, picked) if patch_functions(mutation) else NOT_LIVE

        code = fork(run, seconds=limit)
        write_copy(None, back=mutation)
        if code in {NOT_LIVE, FAULT}:
            tally.anew.append(mutation)
        else:
            tally.add(mutation, code, len(picked))
    tally.dump(CACHE / "inside.pickle")
    return tally


class Chosen:
    """A plug-in of pytest: only these tests run, and the first that fails is written down.

    Tests are chosen by their ids here and not on the command line: pytest refuses an id that it does not find, and
    an error of usage would count as a kill.
    """

    def __init__(self, tests: Sequence[str]) -> None:
        self.tests, self.files = {t for t in tests if "::" in t}, {t for t in tests if "::" not in t}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen ones, in their order."""
        items[:] = [i for i in items if i.nodeid in self.tests or i.nodeid.partition("::")[0] in self.files]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down a test that fails."""
        self._write(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write down a file that cannot be imported."""
        self._write(report)

    def _write(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            KILLER.write_text(report.nodeid, encoding="utf-8")


def try_outside(mutations: Sequence[Mutation], known: Coverage, tally: Tally) -> None:
    """Try the mutations of tables, texts and defaults, each in a process that imports the package anew."""
    passes: dict[str, bool] = {}  # by test: whether it passes in the copy without any change
    for mutation in mutations:
        chosen = choose_tests(mutation, known)
        names = [test for file, tests, _ in chosen for test in (tests or [file]) if (ROOT / file).exists()]
        limit = 40 + 4 * sum(cost for _, _, cost in chosen)
        code, killer = _kill_outside(mutation, names, limit)
        while killer and not passes.setdefault(killer, _run_anew([killer], limit)[0] in {0, NO_TEST}):
            print(f"fails without any change: {killer}", flush=True)
            names = [name for name in names if name not in {killer, killer.partition("::")[0]}]
            code, killer = _kill_outside(mutation, names, limit)
        tally.add(mutation, code, len(names))


def _kill_outside(mutation: Mutation, names: Sequence[str], limit: float) -> tuple[int, str]:
    if not names:
        return NO_TEST, ""
    write_copy(mutation)
    found = _run_anew(names, limit)
    write_copy(None, back=mutation)
    return found


def _run_anew(tests: Sequence[str], limit: float) -> tuple[int, str]:
    """Return the exit code of a fork that runs these tests on the copy, and the test that failed."""
    KILLER.unlink(missing_ok=True)
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))

    def run() -> int:
        sys.path.insert(0, str(COPY))
        return int(pytest.main([*OPTIONS, *files], plugins=[Chosen(tests)]))

    code = fork(run, seconds=limit)
    killer = KILLER.read_text(encoding="utf-8") if KILLER.exists() else ""
    return NO_TEST if code == pytest.ExitCode.NO_TESTS_COLLECTED else code, killer


def fail_unchanged(session: pytest.Session, known: Coverage) -> None:
    """Raise when cheap tests fail although nothing was changed: then a failure says nothing."""
    spent: Tests = defaultdict(float)
    for test, seconds in known.seconds.items():
        spent[test.partition("::")[0]] += seconds
    cheap = [item for item in session.items if spent.get(item.nodeid.partition("::")[0], CHEAP) < CHEAP][::20]
    if fork(lambda: run_items(session, cheap), seconds=120) != 0:
        raise RuntimeError("the tests fail without any change")


def prepare_copy() -> None:
    """Copy the package for new processes, compiled, so that only the changed file is compiled anew."""
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(SOURCE, COPY / "ketenwacht", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(COPY, quiet=1)
    os.environ["PYTHONPATH"] = str(COPY)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True


def main() -> int:
    """Draw, run, and list what survived; 1 when fewer than 92 % were killed."""
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--count", type=int, default=300)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--only", nargs="*", default=[], help="paths under src/ketenwacht")
    parse.add_argument(
        "--tests", nargs="*", default=["tests"], help="the tests that may run, to save their collecting"
    )
    parse.add_argument("--inside", action="store_true", help="only mutations inside functions, which are cheaper")
    parse.add_argument("--cover", action="store_true", help="only record the coverage")
    parse.add_argument(
        "--recorded", action="store_true", help="take the coverage as it is, whatever changed since"
    )
    asked = parse.parse_args()
    for name in WARM:
        importlib.import_module(name)
    CACHE.mkdir(parents=True, exist_ok=True)
    os.environ.update(OMP_NUM_THREADS="1", PYTEST_DEBUG_TEMPROOT=str(CACHE))
    if not asked.recorded:
        serve(record_coverage, asked.tests)
    if asked.cover:
        return 0
    known = load_coverage()
    listed = EQUIVALENT.read_text(encoding="utf-8") if EQUIVALENT.exists() else ""
    equal = {line.partition("  # ")[0].strip() for line in listed.splitlines() if line}
    drawn = draw_mutations(asked.count, asked.seed, asked.only)
    drawn = [one for one in drawn if one.in_function or not asked.inside]
    judged = [one for one in drawn if one.key not in equal]
    prepare_copy()
    tally = Tally()

    def work(session: pytest.Session) -> None:
        fail_unchanged(session, known)
        try_inside(session, [one for one in judged if one.in_function], known)

    serve(work, asked.tests)
    tally.load(CACHE / "inside.pickle")
    try_outside([*tally.anew, *(one for one in judged if not one.in_function)], known, tally)
    share = len(tally.killed) / max(len(judged), 1)
    print(
        f"{len(tally.killed)} of {len(judged)} killed ({share:.0%}); {len(tally.alive)} survived, "
        f"{len(tally.uncovered)} not covered, {len(drawn) - len(judged)} equivalent"
    )
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
