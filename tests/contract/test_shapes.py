"""A member of another type is refused at its place, and not somewhere deep in the import."""

from __future__ import annotations

import pytest

from ketenwacht.contract import from_odcs
from ketenwacht.errors import ConfigError


def document(**changed):
    prop = {"name": "a", "logicalType": "string"} | changed.pop("prop", {})
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "name": "x",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "x", "properties": [prop]}],
    } | changed


WRONG = [
    ("schema as a mapping", {"schema": {}}, "schema: is not a list of mappings"),
    ("a server that is a text", {"servers": ["here"]}, "servers: is not a list of mappings"),
    ("properties as a text", {"schema": [{"name": "x", "properties": "a"}]}, "schema.0.properties: is not a list"),
    ("a rule that is a number", {"prop": {"quality": [5]}}, "schema.0.properties.0.quality: is not a list"),
    ("a kind of rule that is a list", {"prop": {"quality": [{"type": []}]}}, "quality.0.type: is not a text"),
    ("options as a list", {"prop": {"logicalTypeOptions": []}}, "logicalTypeOptions: is not a mapping"),
    ("a length in words", {"prop": {"logicalTypeOptions": {"minLength": "two"}}}, "minLength: is not a number"),
    ("a length that is true", {"prop": {"logicalTypeOptions": {"minLength": True}}}, "minLength: is not a number"),
    ("a half bound", {"prop": {"quality": [{"mustBeBetween": [1]}]}}, "mustBeBetween: is not a list of two"),
    ("required in words", {"prop": {"required": "yes"}}, "required: is not true or false"),
    (
        "settings of ours as a text",
        {"customProperties": [{"property": "ketenwacht.settings", "value": "x"}]},
        "customProperties.0.value: is not a mapping",
    ),
]


@pytest.mark.parametrize(("sentence", "changed", "said"), WRONG, ids=[one[0] for one in WRONG])
def test_another_type_is_refused_at_its_place(sentence, changed, said):
    with pytest.raises(ConfigError, match=f"f: .*{said}"):
        from_odcs(document(**changed), where="f", known=lambda _: True)


def test_members_that_are_null_or_unknown_are_let_be():
    given = document(servers=None, roles=None, prop={"quality": None, "ours": [{"name": 5}]}, tags=["a"])
    with pytest.raises(ConfigError, match="name: is not a text"):
        from_odcs(given, where="f", known=lambda _: True)
    del given["schema"][0]["properties"][0]["ours"]
    assert len(from_odcs(given, where="f", known=lambda _: True).contracts) == 1
