"""The mistakes that a newcomer makes: each is told at its place, with what is wrong and how to mend it."""

from __future__ import annotations

import json

import pytest
from project import Project

from ketenwacht.workflows.lint import find_faults

pytestmark = pytest.mark.integration

CONFIG, CHECKS, SUITE = "config.yaml", "checks/ind_duo.yaml", "expectations/ind_duo.json"
NOW = "2022-01-01"
DECLARED = "declared: [{first: 2022-01-01, last: 2022-02-01, kind: pause, why: x, by: me}]"
MISTAKES = [
    # config.yaml
    (CONFIG, "kind: files", "kind: file", "there is no kind of source `file` — did you mean `files`?"),
    (
        CONFIG,
        "reader: csv",
        "reader: cvs",
        "`feeds.ind-duo.source.reader`: there is no file format `cvs` — did you",
    ),
    (
        CONFIG,
        '"{stem}.manifest.json"',
        '"manifest.json"',
        "`feeds.ind-duo.source.manifest`: this is not the name of",
    ),
    (CONFIG, "{date:%Y%m%d}_{s", "{date:%Q}_{s", "`feeds.ind-duo.source.pattern`: the format of {date} is not"),
    (CONFIG, "mon-fri", "1-5", "`feeds.ind-duo.schedule.cron`: weekdays have numbers"),
    (
        CONFIG,
        "grace: 4h",
        "grace: 4h, lag: 1d",
        "`feeds.ind-duo.schedule.lag`: with mon-fri, the deliveries of fri are never due",
    ),
    (CONFIG, "0 7 * *", "0 7,13 * *", "`feeds.ind-duo.schedule.cron`: is due more than once a day"),
    (
        CONFIG,
        "calendar: NL",
        "calendar: ZZZ",
        "`feeds.ind-duo.schedule.calendar`: there is no calendar ZZZ",
    ),
    (
        CONFIG,
        "grace: 4h",
        "grace: 4 hours",
        "`feeds.ind-duo.schedule.grace` is not a duration — write it as 30min",
    ),
    (
        CONFIG,
        "ind_duo.json]",
        "ind-duo.json]",
        "there is no file `expectations/ind-duo.json` — did you mean",
    ),
    (CONFIG, "ind_duo.yaml", "ind-duo.yaml", "there is no file `checks/ind-duo.yaml` — did you mean"),
    (CONFIG, "key: v_nummer", "contract: none.yaml", "there is no file `none.yaml` — mend the path"),
    (CONFIG, "key: v_nummer", f"contract: {'n' * 300}.yaml", "there is no file `nnn"),
    (SUITE, '"$PARAMETER": "doelgroep"', f'"$PARAMETER": "{"n" * 300}"', 'parameter "nnn'),
    (
        CONFIG,
        "suites: [expectations/ind_duo.json]",
        "suites: x.json",
        "`feeds.ind-duo.suites` is not a list",
    ),
    (CONFIG, "grace: 4h", "grace: 4", "`feeds.ind-duo.schedule.grace` is not a duration — write it as 30min"),
    (CONFIG, "Europe/Amsterdam", "Europe/Amsterdm", "`timezone` is not a time zone"),
    (
        CONFIG,
        "path: ${KETENWACHT_SAMPLE:-var/sample}/d",
        "path: ${MY_PLACE/sample/d",
        "a `${` without a name and its `}` — write ${NAME}",
    ),
    (CONFIG, "small_count: 10", "small_count: 0", "`alerts.small_count` is out of range — write 10"),
    (
        CONFIG,
        "      reader: csv",
        '      reader: csv\n      period_format: "%d-%m-%Y"',
        "`feeds.ind-duo.source.period_format`: there is no period column",
    ),
    (CONFIG, "[gemeentecode]]", "[gemeentecod]]", "there is no column `gemeentecod` — did you mean"),
    (CONFIG, "key: v_nummer", "key: v_numer", "there is no column `v_numer` — did you mean `v_nummer`?"),
    (CONFIG, "    title:", "\ttitle:", "a tab, where YAML wants spaces — indent with spaces"),
    (CONFIG, "sender: IND", "sender: IND\n    sender: geheim", "a setting stands here for the second time"),
    (CONFIG, "t: ketenbeheer", "t: keten: beheer", "a `: ` where no setting can start — put a text with `: ` in"),
    (
        CHECKS,
        "    hop: accepted\n",
        "    hop: decided\n",
        "awaits receipts, and `evidence.hops.decided.receipts` of feed ind-duo names none — name there the files",
    ),
    (CONFIG, "        notified:", "        told:", "no check uses `evidence.hops.told` — name the hop in a check"),
    (CONFIG, "${KETENWACHT_HISTORY:-", "${KW_NONE}${KW:-", "${KW_NONE} is not set — set KW_NONE or"),
    (CONFIG, "sqlite:///var", "sqlit:///var", "history URL: only sqlite:///path and postgresql://"),
    (
        CONFIG,
        "    source:\n",
        "    soruce:\n",
        "`feeds.ind-duo.soruce` is not a known setting — did you mean `source`?",
    ),
    (
        CONFIG,
        "staging: {source",
        "staging: {sorce",
        "`feeds.ind-duo.sorce` is not a known setting — did you",
    ),
    (CONFIG, "feeds: [ind-duo]", "feeds: [ind-dou]", "there is no feed `ind-dou` — did you mean `ind-duo`?"),
    (
        CONFIG,
        "language: nl",
        "language: fr",
        "`alerts.language` is not one of the allowed words — use one of: `nl`",
    ),
    (
        CONFIG,
        "    - feeds: [ind-duo]",
        "    - apprise: {urls: ['smpt://u:geheim@h']}",
        "apprise cannot use this smpt:// URL — write it as apprise documents it: mailto://",
    ),
    (
        CONFIG,
        "    - feeds: [ind-duo]",
        "    - apprise: {url: 'json://h'}",
        "`alerts.routes.0.apprise.url` is not a known setting — did you mean `urls`?",
    ),
    (CONFIG, "small_count: 10", "small_count: ten", "`alerts.small_count` is not a whole number — write it as 10"),
    (
        CONFIG,
        "REGISTER_{date:%Y%m%d}",
        "R_{sequence:03d}",
        "`feeds.ind-duo.evidence.register.pattern`: a name",
    ),
    (
        CONFIG,
        "backlog: [gemeentecode]",
        "backlog: [gemeente]",
        "the register and the deliveries do not share",
    ),
    (CONFIG, "feeds:\n  ind-duo:", "feeds:\n  - ind-duo:", "`feeds` has no settings of its own — write them"),
    # checks/*.yaml
    (CHECKS, "kind: volume", "kind: volum", "there is no kind of check `volum` — did you mean `volume`?"),
    (CHECKS, "checks:\n", "checks: []\nold:\n", "there is no check — add one, or leave `checks` of the feed out"),
    (CHECKS, "- kind: schedule", "- schedule", "a check has no kind — write it as `- kind: volume`"),
    (CHECKS, "checks:\n", "cheks:\n", "`cheks` is not a known setting — did you mean `checks`?"),
    (CHECKS, "version: 1", "version: 3", "this version is not known — use version: 1"),
    (
        CHECKS,
        "tolerated_different: 2",
        "tolerated_different: many",
        "`checks.9.tolerated_different` is not a whole number",
    ),
    (CHECKS, "v_nummer: 1.0", "v_numer: 1.0", "there is no column `v_numer` — did you mean `v_nummer`?"),
    (CHECKS, "bsn: 0.6", "bsn: 60", "`fields.bsn` is out of range — write a share from 0 to 1"),
    (
        CHECKS,
        "same_persons: [IND]",
        "same_persons: [IND]\n    decided_column: datum_beschiking",
        "there is no column `datum_beschiking` — did you mean `datum_beschikking`?",
    ),
    (
        CHECKS,
        "same_persons: [IND]",
        (
            "decided_column: datum_beschikking\n"
            "  - {kind: reference, name: other, segments: [], decided_column: datum_bekendmaking}\n"
            "  - kind: reference\n    name: third"
        ),
        "another check of this feed counts by `datum_beschikking`",
    ),
    (CHECKS, "[bsn, postcode", "[bsm, postcode", "there is no column `bsm` — did you mean `bsn`?"),
    (
        CHECKS,
        "{doelgroep: a",
        "{doelgrop: a",
        "nothing is counted by `doelgrop` — did you mean `doelgroep`?",
    ),
    (CHECKS, "{doelgroep: a", "{gemeentecode: a", "nothing is counted by [gemeentecode, verblijfsdoel] tog"),
    (
        CHECKS,
        "share: 0.015}\n      - {segment: {verblijfsdoel: A14}",
        "share: 15}\n      - {segment: {verblijfsdoel: A14}",
        "`share` is out of range",
    ),
    (CHECKS, "{verblijfsdoel: A13}", "{verblijfsdoel: A31}", "is of no category that is expected"),
    (CHECKS, "year: 8", "year: 2", "2 false alarms a year are allowed, the checks together may give 7.5 "),
    (CHECKS, "year: 8", "year: -8", "`false_alarms_per_year` is no rate — write 0 or more, such as 4"),
    (CHECKS, "tolerated: 0", "tolerated: -5", "`tolerated` is out of range — write 0 or more"),
    (
        CHECKS,
        "  - kind: ledger",
        "  - kind: schedule",
        "there are two checks `schedule` — give each a `name`",
    ),
    (CHECKS, "declared: []", DECLARED.replace("why: x, ", ""), "`declared.0.why` is missing — add it"),
    (
        CHECKS,
        "declared: []",
        DECLARED.replace("pause", "pauze"),
        "`declared.0.kind` is not one of the allowed words",
    ),
    (
        CHECKS,
        "declared: []",
        DECLARED.replace("2022-01-01", "2023-01-01"),
        "`last` is before `first` — swap",
    ),
    (
        CHECKS,
        "declared: []",
        DECLARED.replace("me}", "me, segment: {doel: x}}"),
        "nothing is counted by `doel` — did",
    ),
    # expectations/*.json
    (SUITE, '"expectations": [', '"expectations": [,', "the suite is not JSON — mend the syntax"),
    (
        SUITE,
        "to_not_be_null",
        "to_not_be_nul",
        'unknown expectation type "expect_column_values_to_not_be_nul"',
    ),
    (
        SUITE,
        '"column": "v_nummer"',
        '"column": "v_numer"',
        'unknown column "v_numer" — did you mean "v_nummer"?',
    ),
    (SUITE, '"critical"', '"crit"', 'unknown severity "crit" — did you mean "critical"?'),
    (SUITE, '"value_set"', '"valueset"', 'unknown argument "valueset" — did you mean "value_set"?'),
    (SUITE, '"regex": "', '"regex": "(', "the regex is not valid: missing ), unterminated subpattern at"),
]


@pytest.fixture
def project(tmp_path):
    return Project.copied_to(tmp_path)


def test_what_ships_has_nothing_to_mend(project):
    assert find_faults(project.root / CONFIG) == []


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES, ids=[new.strip() for _, _, new, _ in MISTAKES])
def test_a_mistake_is_told_where_it_stands(project, file, old, new, said):
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = [str(fault) for fault in find_faults(project.root / CONFIG)]
    (place,) = {line.partition(f": {said}")[0] for line in told if f": {said}" in line}
    name, line, column = place.rsplit(":", 2)
    assert name == str(path)
    first = text[: text.index(old)].count("\n") + 1
    assert first <= int(line) <= first + old.count("\n") + 2
    assert int(column) >= 1
    assert all(" — " in line for line in told)
    assert "geheim" not in "".join(told)


TERMS = [
    ("no mapping", "- a\n", "1:1: the top level is not a mapping"),
    ("no YAML", "a: [1\n", "2:1: "),
    ("a schema that is a text", "status: active\nschema: persons\n", "2:1: `schema` is not a list of mappings"),
    (
        "a misspelt member",
        "verzion: 1.0.0\n",
        "1:1: `verzion` is no member of an ODCS document — did you mean `version`?",
    ),
    ("a description that is a list", "description: [a]\n", "1:1: `description` is not a mapping"),
    ("a version that is a list", "version: [1]\n", "1:1: `version` is not a word"),
    (
        "a column that is a number",
        "schema:\n  - properties:\n      - {name: 5}\n",
        "3:10: `schema.0.properties.0.name` is not a text",
    ),
    ("a key twice", "status: active\nstatus: draft\n", "2:1: "),
]


@pytest.mark.parametrize(("sentence", "text", "said"), TERMS, ids=[one[0] for one in TERMS])
def test_terms_of_a_contract_that_are_not_as_the_standard_has_them_are_told(project, sentence, text, said):
    (project.root / "terms.yaml").write_text(text, encoding="utf-8")
    config = project.root / CONFIG
    config.write_text(
        config.read_text(encoding="utf-8").replace("key: v_nummer", "contract: terms.yaml\n    key: v_nummer")
    )
    told = [str(fault) for fault in find_faults(config)]
    assert any(f"terms.yaml:{said}" in one for one in told), told
    assert project.call("contract", "export").code == 2


def test_terms_with_every_member_of_the_standard_are_in_order(project):
    text = """
version: 1.2
status: active
description: {purpose: x}
team: {name: Data office, members: [{username: a.b, role: owner}]}
tags: [persons]
price: {priceAmount: 1}
contractCreatedTs: 2022-01-01T00:00:00+00:00
support: [{channel: "#moves", tool: slack}]
slaProperties: [{property: retention, value: 3, unit: y}]
schema: [{properties: [{name: v_nummer, description: number}]}]
"""
    (project.root / "terms.yaml").write_text(text, encoding="utf-8")
    config = project.root / CONFIG
    config.write_text(
        config.read_text(encoding="utf-8").replace("key: v_nummer", "contract: terms.yaml\n    key: v_nummer")
    )
    assert find_faults(config) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: files", "kind: ftp", ["there is no kind of source `ftp`"]),
        ("reader: csv", "reader: cvs", ["`feeds.ind-duo.source.reader`: there is no file format `cvs`"]),
    ],
)
def test_a_feed_that_cannot_be_read_is_no_unknown_feed(project, old, new, told):
    path = project.root / CONFIG
    path.write_text(path.read_text().replace(old, new, 1))
    faults = find_faults(path)
    assert [fault.what for fault in faults] == told


def test_every_fault_is_told_at_once(project):
    path = project.root / CONFIG
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("language: nl", "language: fr").replace("grace: 4h", "grace: soon"), encoding="utf-8"
    )
    assert [fault.what.split("`")[1] for fault in find_faults(path)] == [
        "feeds.ind-duo.schedule.grace",
        "alerts.language",
    ]


TOGETHER = (
    "kind: volum",
    "reader: cvs",
    '"manifest.json"',
    "1-5",
    "grace: 4 hours",
    "Europe/Amsterdm",
    "small_count: 0",
    "language: fr",
    "feeds: [ind-dou]",
    "bsn: 60",
    "tolerated: -5",
    "tolerated_different: many",
    '"crit"',
    '"valueset"',
)


def test_faults_of_every_sort_are_told_in_one_round_and_no_other(project):
    planted = [mistake for mistake in MISTAKES if mistake[2] in TOGETHER]
    assert len(planted) == len(TOGETHER)
    for file, old, new, _ in planted:
        path = project.root / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    told = [f"{fault.what} — {fault.mend}" for fault in find_faults(project.root / CONFIG)]
    said = [mistake[3] for mistake in planted]
    assert [text for text in said if not any(line.startswith(text) for line in told)] == []
    assert [line for line in told if not any(line.startswith(text) for text in said)] == []


def test_a_command_that_judges_says_the_same_as_lint(project):
    path = project.root / CONFIG
    path.write_text(path.read_text(encoding="utf-8").replace("reader: csv", "reader: cvs"), encoding="utf-8")
    linted = project.call("lint", "--format", "json")
    (told,) = json.loads(linted.out)
    done = project.call("check")
    assert (linted.code, done.code) == (2, 2)
    assert done.err.strip() == f"error: {told['where']}: {told['what']} — {told['mend']}"


def test_evidence_that_no_check_uses_is_told_where_it_is_named(project):
    """The entry stands in config.yaml, and the check that it lacks in another file."""
    path = project.root / CHECKS
    text = path.read_text(encoding="utf-8")
    for kind in ("inquiries", "reference"):
        text = text.replace(f"kind: {kind} ", "kind: volume ", 1)
    path.write_text(text, encoding="utf-8")
    told = [str(fault) for fault in find_faults(project.root / CONFIG)]
    unused = [line.partition(": ")[2] for line in told if "no check uses" in line]
    assert unused == [
        "no check uses `evidence.references` — add `kind: reference` to the checks, or remove it",
        "no check uses `evidence.inquiries` — add `kind: inquiries` to the checks, or remove it",
    ]
