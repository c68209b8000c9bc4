"""What each change of a contract means for the sender and for the receiver, a sentence a case."""

import contract_samples as samples
import pytest

from ketenwacht.contract import compare
from ketenwacht.contract.compare import TABLE, ChangeEffect, summarize_effects
from ketenwacht.contract.facts import list_facts

B, T, L, E = ChangeEffect.BREAKING, ChangeEffect.TIGHTENING, ChangeEffect.LOOSENING, ChangeEffect.EDITORIAL


def rule_of(tree, check_id):
    return next(rule for rule in tree["rules"] if rule["meta"]["check_id"] == check_id)


def check_of(tree, kind):
    return next(check for check in tree["checks"]["checks"] if check["kind"] == kind)


def without_rule(tree, check_id):
    tree["rules"] = [rule for rule in tree["rules"] if rule["meta"]["check_id"] != check_id]


def without_check(tree, kind):
    tree["checks"]["checks"] = [check for check in tree["checks"]["checks"] if check["kind"] != kind]


def put(*path, value):
    def change(tree):
        *steps, last = path
        for step in steps:
            tree = tree[step]
        tree[last] = value

    return change


def in_check(kind, **settings):
    return lambda tree: check_of(tree, kind).update(settings)


def in_rule(check_id, **kwargs):
    return lambda tree: rule_of(tree, check_id)["kwargs"].update(kwargs)


def add_rule(*args, **kwargs):
    return lambda tree: tree["rules"].append(samples.rule(*args, **kwargs))


def drop_column(tree):
    check_of(tree, "schema")["columns"].remove("decided_on")
    tree["terms"]["schema"][0]["properties"].pop()


def new_required_column(tree):
    check_of(tree, "schema")["columns"].append("place")
    tree["rules"].append(samples.rule("place-present", "expect_column_values_to_not_be_null", column="place"))


NOT_NULL, UNIQUE = "expect_column_values_to_not_be_null", "expect_column_values_to_be_unique"
SCHEDULE = ("settings", "schedule")
CASES = [
    ("a column that is removed breaks the receiver", drop_column, "column decided_on", L, B),
    ("a new column breaks the sender", lambda t: check_of(t, "schema")["columns"].append("x"), "column x", B, T),
    ("a new column that must be filled breaks the sender", new_required_column, "place required", B, T),
    (
        "another type breaks both",
        put("terms", "schema", 0, "properties", 0, "logicalType", value="integer"),
        "logicalType of column number",
        B,
        B,
    ),
    (
        "another description changes nothing",
        put("terms", "schema", 0, "properties", 0, "description", value="x"),
        "description of column number",
        E,
        E,
    ),
    ("another key breaks both", put("settings", "key", value="group"), "key", B, B),
    ("no key any more breaks the receiver", put("settings", "key", value=None), "key", L, B),
    ("a code that is gone breaks both", lambda t: t["codes"]["group"].pop(0), "code a", B, B),
    ("a code more asks less", lambda t: t["codes"]["group"].append({"code": "d"}), "code d", L, L),
    (
        "a code that gets a last day breaks both",
        put("codes", "group", 1, "valid_to", value="2026-12-31"),
        "code b",
        B,
        B,
    ),
    (
        "a code that ends earlier breaks both",
        put("codes", "group", 2, "valid_to", value="2029-12-31"),
        "code no",
        B,
        B,
    ),
    (
        "a code that ends later asks less",
        put("codes", "group", 2, "valid_to", value="2031-12-31"),
        "code no",
        L,
        L,
    ),
    ("another name of a code changes nothing", put("codes", "group", 0, "name", value="Eerste"), "code a", E, E),
    ("a share that is raised asks more", in_rule("group-filled", mostly=0.99), "mostly", T, T),
    ("a share that is lowered asks less", in_rule("group-filled", mostly=0.5), "mostly", L, L),
    ("a higher least number of rows asks more", in_rule("rows", min_value=10), "min_value", T, T),
    ("a higher most number of rows asks less", in_rule("rows", max_value=1000), "max_value", L, L),
    ("another form of values breaks both", in_rule("number-form", regex="^\\d{9}$"), "regex", B, B),
    (
        "a rule for fewer rows is another rule",
        in_rule("number-form", row_condition={"type": "x"}),
        "row_condition",
        B,
        B,
    ),
    ("a warning that fails now asks more", put("rules", 1, "severity", value="critical"), "group-filled", T, T),
    ("a failure that only warns asks less", put("rules", 3, "severity", value="warning"), "number-form", L, L),
    ("another title of a rule changes nothing", put("rules", 3, "meta", "title", value="x"), "title", E, E),
    ("a rule that fails deliveries breaks the sender", add_rule("u", UNIQUE, column="number"), "unique", B, T),
    ("a rule that warns asks more", add_rule("u", UNIQUE, "warning", column="number"), "unique", T, T),
    ("a rule that only informs changes nothing", add_rule("u", UNIQUE, "info", column="number"), "unique", E, E),
    (
        "a column that may be empty now breaks the receiver",
        lambda t: without_rule(t, "number-present"),
        "required",
        L,
        B,
    ),
    ("a rule about form that goes asks less", lambda t: without_rule(t, "number-form"), "rule number-form", L, L),
    ("a check that goes asks less", lambda t: without_check(t, "volume"), "check volume", L, L),
    ("a check more asks more", lambda t: t["checks"]["checks"].append({"kind": "ratio"}), "check ratio", T, T),
    ("a budget of more alarms asks more", in_check("volume", false_alarms_per_year=2), "false_alarms", T, T),
    ("a higher limit asks less", in_check("volume", at_least=5), "at_least", L, L),
    ("a limit as it is by default says nothing new", in_check("volume", at_least=1.0), None, E, E),
    ("other segments may ask more", in_check("volume", segments=[]), "segments", T, T),
    ("looking for too few only asks less", in_check("volume", surplus=False), "surplus", L, L),
    (
        "a higher floor of a field asks more",
        in_check("completeness", fields={"group": 0.99}),
        "share of group",
        T,
        T,
    ),
    ("a category less is asked", in_check("coverage", expected=[]), "expected", L, L),
    ("a longer wait for a category asks less", in_check("coverage", within="60d"), "within", L, L),
    ("the same wait in other words says nothing new", in_check("coverage", within="720h"), None, E, E),
    ("a shorter SLA asks more", put(*SCHEDULE, "sla", value="7d"), "sla", T, T),
    ("a longer SLA asks less", put(*SCHEDULE, "sla", value="4w"), "sla", L, L),
    ("less grace asks more", put(*SCHEDULE, "grace", value="30min"), "grace", T, T),
    ("another moment breaks both", put(*SCHEDULE, "cron", value="0 9 * * mon"), "moment", B, B),
    ("another time zone breaks both", put("timezone", value="UTC"), "moment", B, B),
    ("a closure asks less", put(*SCHEDULE, "closures", value=["2026-05-05"]), "closures", L, L),
    ("no schedule any more breaks the receiver", lambda t: t["settings"].pop("schedule"), "moment", L, B),
    ("another format breaks both", put("settings", "source", "reader", value="jsonl"), "reader", B, B),
    (
        "another name of files breaks both",
        put("settings", "source", "pattern", value="{date:%Y}.csv"),
        "pattern",
        B,
        B,
    ),
    (
        "another folder at the receiver's changes nothing",
        put("settings", "source", "path", value="x"),
        "path",
        E,
        E,
    ),
    (
        "a manifest that must be there breaks the sender",
        put("settings", "source", "manifest", value="x"),
        "manifest",
        B,
        T,
    ),
    ("another sender breaks both", put("settings", "sender", value="OTHER"), "sender", B, B),
    ("a declared pause lets the feed off", put("checks", "declared", value=[{"kind": "pause"}]), "declared", L, L),
    (
        "another promise of service asks more",
        put("terms", "slaProperties", 0, "value", value=1),
        "retention",
        T,
        T,
    ),
    ("other people change nothing", put("terms", "team", "name", value="x"), "team", E, E),
    ("another version number changes nothing", put("terms", "version", value="2.0.0"), "version", E, E),
]


@pytest.mark.parametrize(("sentence", "change", "subject", "sender", "receiver"), CASES, ids=[c[0] for c in CASES])
def test_a_change_means(sentence, change, subject, sender, receiver, small):
    before = samples.built(small)
    change(small)
    found = compare({"persons": before}, {"persons": samples.built(small)})
    about = [c for c in found if subject is not None and subject in c.subject]
    if subject is None:
        assert found == ()
        return
    assert about, [c.subject for c in found]
    assert {(c.sender, c.receiver) for c in about} == {(sender, receiver)}


def test_the_same_contract_has_no_change(small):
    assert compare({"persons": samples.built(small)}, {"persons": samples.built(small)}) == ()


def test_a_feed_that_is_dropped_breaks_the_receiver(small):
    one = samples.built(small)
    (change,) = compare({"a": one, "b": one}, {"a": one})
    assert (change.subject, change.sender, change.receiver) == ("feed b", L, B)


def test_a_removed_rule_is_one_change_without_its_parts(small):
    before = samples.built(small)
    without_rule(small, "number-form")
    assert len(compare({"persons": before}, {"persons": samples.built(small)})) == 1


def test_the_heaviest_comes_first_and_a_breach_of_either_side_is_breaking(small):
    before = samples.built(small)
    drop_column(small)
    small["terms"]["version"] = "2.0.0"
    found = compare({"persons": before}, {"persons": samples.built(small)})
    assert [c.effect for c in found] == sorted((c.effect for c in found), reverse=True)
    assert summarize_effects((L, B)) is B
    assert summarize_effects((L, L)) is L


def test_every_sort_of_fact_is_in_the_table(small):
    assert {fact.sort for fact in list_facts(samples.built(small)).values()} <= set(TABLE)
