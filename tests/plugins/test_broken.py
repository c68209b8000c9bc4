"""Plug-ins that are wrong: each fault is told with its place and its package, and nothing ever passes by it."""

from __future__ import annotations

import json

import pytest
from plugged import CONFIG, install_example, install_made_up, plugged_project

pytestmark = pytest.mark.e2e
HEAD = """\
from dataclasses import dataclass
from typing import ClassVar
from ketenwacht.plugin_api import *
STRICT = dict(extra="forbid")
"""
KIND = (
    HEAD
    + """
@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    '''Says a thing.'''
    kind: ClassVar[str] = "{word}"
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
    name: str = "{word}"
    def judge(self, view):
        {body}
"""
)


def with_texts(word, **words):
    """A kind of check with these class attributes."""
    lines = "".join(f"    {name} = {value}\n" for name, value in words.items())
    return KIND.format(word=word, body="pass").replace("    name: str", f"{lines}    name: str")


PLAIN = """\
version: 1
feeds:
  one:
    source: {kind: files, path: in, pattern: "{date:%Y%m%d}.json", reader: jsonl}
    checks: checks.yaml
"""
GROUP = "ketenwacht.checks"
WRONG = {
    "lost": ("nowhere:Kind", None, "cannot be loaded (ModuleNotFoundError"),
    "nameless": ("nameless:Other", KIND.format(word="nameless", body="pass"), "cannot be loaded (AttributeError"),
    "syntax": ("syntax:Kind", "class Kind(:\n", "cannot be loaded (SyntaxError"),
    "angry": ("angry:Kind", "raise Exception('999912345')", "cannot be loaded (Exception at site/angry.py:1)"),
    "object": ("object:Kind", "Kind = 3\n", "does not name a class with a method `judge`"),
    "other": (
        "other:Kind",
        KIND.format(word="otherwise", body="pass"),
        "names a class whose `kind` is not `other`",
    ),
    "loose": (
        "loose:Kind",
        KIND.format(word="loose", body="pass").replace("frozen=True, ", ""),
        "has settings that are not a frozen dataclass",
    ),
    "greedy": (
        "greedy:Kind",
        KIND.format(word="greedy", body="pass").replace("= STRICT", "= dict()"),
        "would accept misspelt settings",
    ),
    "unnamed": (
        "unnamed:Kind",
        KIND.format(word="unnamed", body="pass").replace('    name: str = "unnamed"\n', ""),
        "has no setting `name`",
    ),
    "listed": (
        "listed:Kind",
        with_texts("listed", codes=["listed.x"]),
        "has `codes` or `texts` that are not a mapping",
    ),
    "foreign": (
        "foreign:Kind",
        with_texts("foreign", codes={"volume.shortfall": {}}),
        "declares the code `volume.shortfall`, which does not begin with `foreign.`",
    ),
    "mute": (
        "mute:Kind",
        with_texts("mute", codes={"mute.x": {}}, texts={"mute.x": {"en": "Too few."}}),
        "has no text of `mute.x` in the language nl",
    ),
    "vague": (
        "vague:Kind",
        with_texts("vague", codes={"vague.x": {}}, texts={"vague.x": {"nl": "{n} te weinig.", "en": "Too few."}}),
        "has a text of `vague.x` (nl) that does not use exactly the declared parameters",
    ),
    "torn": (
        "torn:Kind",
        with_texts("torn", codes={"torn.x": {}}, texts={"torn.x": {"nl": "Te weinig}", "en": "Too few."}}),
        "has a text of `torn.x` (nl) that does not use exactly the declared parameters",
    ),
    "untrue": ("untrue:Kind", with_texts("untrue", traits={}), "has `traits` that are not CheckTraits"),
}


@pytest.fixture(scope="module")
def linted(tmp_path_factory):
    root = tmp_path_factory.mktemp("broken")
    entries = {word: at for word, (at, _, _) in WRONG.items()} | {"volume": "twice:Kind", "twice": "twice:Kind"}
    modules = {word: text for word, (_, text, _) in WRONG.items() if text is not None}
    install_made_up(
        root / "site", "wrong-one", {GROUP: entries}, **modules, twice=KIND.format(word="twice", body="")
    )
    install_made_up(root / "site", "wrong-two", {GROUP: {"twice": "twice:Kind"}})
    checks = "checks:\n" + "".join(f"  - kind: {word}\n" for word in entries)
    project = plugged_project(root / "p", config=PLAIN, checks=checks)
    env = {"PYTHONPATH": str(root / "site")}
    lines = project.run("lint", env=env).out.splitlines()
    return lines, project.run("doctor", env=env).out


MARKS = ("999912345", "9999 12 345")


def tells_nobody(done, project):
    """Whether no person is in what was printed or kept."""
    kept = [path.read_bytes().decode("utf-8", "replace") for path in project.glob("var/history.db*")]
    return not any(mark in text for mark in MARKS for text in (done.out, done.err, *kept))


@pytest.mark.parametrize("word", WRONG)
def test_a_broken_plugin_is_told_at_the_line_that_uses_it(linted, word):
    lines, doctor = linted
    said = WRONG[word][2]
    place = f"checks.yaml:{list(WRONG).index(word) + 2}:5: the plug-in {word} of wrong-one 2.0 {said}"
    assert [line for line in lines if place in line], lines
    assert f"the plug-in {word} of wrong-one 2.0 {said}" in doctor
    assert "999912345" not in "".join(lines) + doctor


def test_a_word_that_two_claim_is_nobodys(linted):
    lines, doctor = linted
    built_in = "the kind of check `volume` is claimed by ketenwacht itself and by wrong-one 2.0"
    both = "the kind of check `twice` is claimed by wrong-one 2.0 and by wrong-two 2.0"
    for said in (built_in, both):
        assert sum(said in line for line in lines) == 1
        assert said in doctor


@pytest.mark.parametrize(
    ("sentence", "body", "said"),
    [
        ("it raises", "raise Exception('999912345')", "failed: Exception at site/mine.py:13"),
        ("it exits", "raise SystemExit(0)", "failed: SystemExit at site/mine.py:13"),
        ("it returns nothing", "return None", "it does not return a result"),
        ("it returns other things", "return Judgement(('passed',))", "it does not return a result"),
        (
            "it says a code that it does not declare",
            "return Judgement((CheckResult('mine', Status.FAILED, Evidence.CONTRACT, code='mine.x'),))",
            "that it does not declare: mine.x",
        ),
        ("it says that its settings are wrong", "raise ConfigError('a', 'b', 'c')", "failed: ConfigError"),
    ],
)
def test_a_check_that_fails_is_an_error_and_the_others_still_judge(tmp_path, sentence, body, said):
    install_made_up(
        tmp_path / "site", "mine", {GROUP: {"mine": "mine:Kind"}}, mine=KIND.format(word="mine", body=body)
    )
    project = plugged_project(tmp_path / "p", config=PLAIN, checks="checks: [{kind: mine}, {kind: schema}]\n")
    for path in (tmp_path / "p/in").iterdir():
        path.write_text('{"id": 1}\n')
    done = project.run("check", "--format", "json", env={"PYTHONPATH": str(tmp_path / "site")})
    assert done.code == 3, done.err
    results = {r["check"]: r for r in json.loads(done.out.splitlines()[0])["results"]}
    assert results["mine"]["status"] == "error"
    assert said in results["mine"]["message"]
    assert results["schema"]["status"] == "passed"
    assert tells_nobody(done, tmp_path / "p")


def test_a_check_of_an_older_plugin_says_a_message_and_is_shown_as_it_says(tmp_path):
    body = "return Judgement((CheckResult('mine', Status.FAILED, Evidence.CONTRACT, 'too few rows'),))"
    install_made_up(
        tmp_path / "site", "mine", {GROUP: {"mine": "mine:Kind"}}, mine=KIND.format(word="mine", body=body)
    )
    project = plugged_project(tmp_path / "p", config=PLAIN, checks="checks: [{kind: mine}]\n")
    for path in (tmp_path / "p/in").iterdir():
        path.write_text('{"id": 1}\n')
    done = project.run("check", "--format", "json", env={"PYTHONPATH": str(tmp_path / "site")})
    (found,) = [r for r in json.loads(done.out.splitlines()[0])["results"] if r["check"] == "mine"]
    assert (found["status"], found["message"]) == ("failed", "too few rows")


READER = (
    HEAD
    + """
@dataclass(frozen=True, kw_only=True)
class Settings:
    '''Where.'''
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
@dataclass(frozen=True)
class Reader:
    feed: str
    def find(self, at, settle, quiet):
        {find}
    def verify(self, delivery):
        {verify}
    def load(self, delivery, into):
        {load}
import datetime
def rows(path, source, con):
    raise Exception("999912345")
SOURCE = SourceKind(Settings, lambda feed, settings, root, zone: Reader(feed))
FORMAT = FileFormat("odd", text=True, rows=rows)
"""
)
FIND = "return (Delivery(self.feed, 'd', datetime.date(2024, 1, 1)),)"
GOOD = {
    "find": FIND,
    "verify": "return delivery",
    "load": "into.execute('CREATE TABLE delivery (a TEXT)'); return (Column('a', 'text'),)",
}


@pytest.mark.parametrize(
    ("sentence", "change", "said"),
    [
        (
            "it finds nothing that is a delivery",
            {"find": "return (1,)"},
            "something other than deliveries of one",
        ),
        (
            "it fails to find",
            {"find": "raise Exception('999912345')"},
            "The plug-in odd cannot read the delivery: Exception at",
        ),
        (
            "it fails to verify",
            {"verify": "1 / 0"},
            "The plug-in odd cannot read the delivery: ZeroDivisionError at",
        ),
        (
            "it verifies another",
            {"verify": "return None"},
            "returned another delivery than it was given to verify",
        ),
        (
            "it fails to load",
            {"load": "raise KeyError('999912345')"},
            "The plug-in odd cannot read the delivery: KeyError at",
        ),
        (
            "it makes no table",
            {"load": "return (Column('a', 'text'),)"},
            "cannot read the delivery: CatalogException",
        ),
        ("it makes other columns", {"load": GOOD["load"].replace("'a', 't", "'b', 't")}, "made other columns"),
        (
            "it names columns after persons",
            {"load": GOOD["load"].replace("(a TEXT)", '("999912345" TEXT)').replace("('a'", "('999912345'")},
            "name",
        ),
    ],
)
def test_a_reader_that_fails_makes_a_delivery_unreadable_and_tells_no_value(tmp_path, sentence, change, said):
    module = READER.format(**(GOOD | change))
    install_made_up(tmp_path / "site", "odd", {"ketenwacht.sources": {"odd": "odd:SOURCE"}}, odd=module)
    config = "version: 1\nfeeds:\n  one: {source: {kind: odd}}\n"
    project = plugged_project(tmp_path / "p", config=config)
    done = project.run("check", "--format", "json", env={"PYTHONPATH": str(tmp_path / "site")})
    assert done.code == 3
    assert said in done.out + done.err
    assert "Traceback" not in done.err
    assert tells_nobody(done, tmp_path / "p")


def test_a_format_that_fails_makes_a_delivery_unreadable(tmp_path):
    module = READER.format(**GOOD)
    install_made_up(tmp_path / "site", "odd", {"ketenwacht.formats": {"odd": "odd:FORMAT"}}, odd=module)
    project = plugged_project(tmp_path / "p", config=PLAIN.replace("reader: jsonl", "reader: odd"))
    (tmp_path / "p/checks.yaml").write_text("checks: [{kind: schedule}, {kind: schema}]\n")
    done = project.run("check", "--format", "json", env={"PYTHONPATH": str(tmp_path / "site")})
    assert done.code == 3
    assert "The plug-in odd of odd 2.0 cannot read the delivery: Exception at" in done.out
    assert tells_nobody(done, tmp_path / "p")


ENGINE = (
    HEAD
    + """
import contextlib
@dataclass(frozen=True, kw_only=True)
class Settings:
    '''Nothing.'''
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT
@dataclass(frozen=True)
class Mine:
    inner: CopyEngine
    def verify(self, delivery):
        <verify>
    def open(self, delivery):
        <open>
class Odd:
    columns = (Column("id", "text"),)
    def exclude(self, keys, groupings):
        return dict()
    def profile(self, groupings, count_column):
        <profile>
    def evaluate(self, entries, statements):
        <evaluate>
MINE = EngineKind(Settings, lambda reader, settings: Mine(CopyEngine(reader)))
"""
)
PERSON = 'return {MetricKey("rows"): 1.0, MetricKey("rows", Segment((("id", "9999 12 345"),))): 1.0}'
NAMED = 'return {MetricKey("rows"): 1.0, MetricKey("of.999912345"): 1.0}'
WHY = "return dict.fromkeys(entries, Unmeasured('no number: 9999 12 345'))"
WELL = {
    "verify": "return self.inner.verify(delivery)",
    "open": "return contextlib.nullcontext(Odd())",
    "profile": 'return {MetricKey("rows"): 1.0}',
    "evaluate": "return {name: ExpectationOutcome(1.0, 0.0, True) for name in entries}",
}


@pytest.mark.parametrize(
    ("sentence", "change", "code", "said"),
    [
        ("it judges", {}, 0, '"passed"'),
        ("it verifies another", {"verify": "return None"}, 3, "returned another delivery"),
        (
            "it fails to open",
            {"open": "raise KeyError('999912345')"},
            3,
            "mine cannot read the delivery: KeyError",
        ),
        (
            "it opens nothing",
            {"open": "return None"},
            3,
            "The plug-in mine cannot read the delivery: AttributeError",
        ),
        ("it fails to count", {"profile": "1 / 0"}, 3, "The filled rows of field 'id' could not be counted."),
        ("it counts words", {"profile": 'return {"rows": "many"}'}, 3, "could not be counted"),
        ("it counts persons", {"profile": PERSON}, 0, '"passed"'),  # as the segment (other)
        ("it names a count after a person", {"profile": NAMED}, 3, "could not be counted"),
        ("it quotes a person", {"evaluate": WHY}, 3, "The reason may not be shown."),
        ("it fails to judge", {"evaluate": "raise Exception('999912345')"}, 3, "mine failed: Exception at"),
        (
            "it judges in words",
            {"evaluate": "return dict.fromkeys(entries, 'fine')"},
            3,
            "returned no ExpectationOutcome",
        ),
        ("it leaves one out", {"evaluate": "return dict()"}, 3, "This was not evaluated."),
    ],
)
def test_an_engine_that_fails_could_not_judge_and_tells_no_value(tmp_path, sentence, change, code, said):
    module = ENGINE
    for name, body in (WELL | change).items():
        module = module.replace(f"<{name}>", body)
    install_made_up(tmp_path / "site", "mine", {"ketenwacht.engines": {"mine": "mine:MINE"}}, mine=module)
    config = PLAIN.replace("reader: jsonl", "reader: csv") + "    engine: mine\n    suites: [suite.json]\n"
    checks = "checks: [{kind: contract}, {kind: completeness, fields: {id: 0.5}}]\n"
    project = plugged_project(tmp_path / "p", config=config, checks=checks)
    for path in sorted((tmp_path / "p/in").iterdir())[1:]:
        path.unlink()
    suite = tmp_path / "p/suite.json"
    suite.write_text(suite.read_text().replace('"group"', '"id"'))
    (tmp_path / "p/in/20240101.json").write_text("id\n1\n")
    done = project.run("check", "--format", "json", env={"PYTHONPATH": str(tmp_path / "site")})
    assert (done.code, said in done.out + done.err) == (code, True), done.out + done.err
    assert "Traceback" not in done.err
    assert tells_nobody(done, tmp_path / "p")


def test_an_alert_that_a_medium_fails_to_send_is_tried_again(tmp_path):
    install_example(tmp_path / "site", tmp_path / "built")
    config = CONFIG.replace("var/alerts.jsonl", "nowhere/alerts.jsonl")
    project = plugged_project(tmp_path / "p", config=config)
    env = {"PYTHONPATH": str(tmp_path / "site")}
    assert project.run("check", "lists", env=env).code == 4
    assert "the folder of the journal does not exist" in project.run("doctor", env=env).out
    (tmp_path / "p/nowhere").mkdir()
    assert project.run("alerts", "flush", "--all", env=env).code in {0, 2, 4}
