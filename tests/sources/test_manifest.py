import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.sources.manifest import FIELDS, field_paths, parse_manifest

PATHS = field_paths({}, where="manifest_fields")
FULL = {
    "levering_id": "0d5e-1",
    "volgnummer": 7,
    "soort": "herlevering",
    "zender": "A",
    "ontvanger": "B",
    "periode": {"van": "2022-01-01", "tot": "2022-01-03"},
    "aangemaakt_op": "2022-01-03T06:00:00+01:00",
    "schemaversie": "1.2",
    "codetabelversies": {"t": "2022-1"},
    "bytes": 10,
    "sha256": "AB" * 32,
    "aantal": 3,
    "aantallen": [{"group": "x", "purpose": "1", "aantal": 2}, {"group": "x", "purpose": None, "aantal": 1}],
    "geselecteerd": 4,
    "geselecteerd_aantallen": [{"group": "x", "aantal": 4}],
    "uitgesloten": [{"reden": "age", "aantal": 1}],
    "something_else": [1],
}


def parse(body):
    return parse_manifest(json.dumps(body).encode(), PATHS)


def test_every_field_of_the_default_format_is_read():
    assert parse(FULL) == Manifest(
        delivery_uuid="0d5e-1",
        sequence=7,
        kind=DeliveryKind.REDELIVERY,
        sender="A",
        receiver="B",
        period_from=date(2022, 1, 1),
        period_to=date(2022, 1, 3),
        created_at=datetime(2022, 1, 3, 5, tzinfo=UTC),
        schema_version="1.2",
        code_table_versions={"t": "2022-1"},
        size=10,
        sha256="ab" * 32,
        rows=3,
        rows_by_segment={
            Segment((("group", "x"), ("purpose", "1"))): 2,
            Segment((("group", "x"), ("purpose", ""))): 1,
        },
        selected=4,
        selected_by_segment={Segment((("group", "x"),)): 4},
        excluded={"age": 1},
    )


def test_what_is_not_stated_is_none_or_empty():
    assert parse({}) == Manifest() == parse(dict.fromkeys(FULL))


@pytest.mark.parametrize(
    ("soort", "kind"),
    [
        ("mutatie", DeliveryKind.MUTATION),
        ("stand", DeliveryKind.SNAPSHOT),
        ("herlevering", DeliveryKind.REDELIVERY),
        ("correctie", DeliveryKind.CORRECTION),
        ("inhaal", DeliveryKind.CATCH_UP),
        ("catch-up", DeliveryKind.CATCH_UP),
    ],
)
def test_kinds(soort, kind):
    assert parse({"soort": soort}).kind is kind


WRONG = "0123456789"  # stands for a person: it must not be repeated


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"levering_id": 5}, "'levering_id' of the manifest is not a text"),
        ({"levering_id": ""}, "'levering_id' of the manifest is not a text"),
        ({"zender": WRONG * 30}, "'zender' of the manifest is not a text of 1 to 200"),
        ({"zender": f"{WRONG}\n"}, "'zender' of the manifest is not a text"),
        ({"volgnummer": WRONG}, "'volgnummer' of the manifest is not a whole number"),
        ({"soort": WRONG}, "'soort' of the manifest is no known kind"),
        ({"soort": [WRONG]}, "'soort' of the manifest is no known kind"),
        ({"periode": WRONG}, "'periode.van' of the manifest is not inside an object"),
        ({"periode": {"van": f"{WRONG}"}}, "'periode.van' of the manifest is not a date"),
        ({"periode": {"van": "2022-02-30"}}, "'periode.van' of the manifest is not a date"),
        ({"periode": {"van": "20220228"}}, "'periode.van' of the manifest is not a date"),
        ({"periode": {"tot": 20220228}}, "'periode.tot' of the manifest is not a date"),
        (
            {"aangemaakt_op": "2022-01-03T06:00:00"},
            "'aangemaakt_op' of the manifest is not a date and time with its offset",
        ),
        (
            {"aangemaakt_op": "2022-01-03"},
            "'aangemaakt_op' of the manifest is not a date and time with its offset",
        ),
        ({"aangemaakt_op": "0001-01-01T00:00:00+14:00"}, "'aangemaakt_op' of the manifest is not a date and time"),
        ({"codetabelversies": {"t": 1}}, "'codetabelversies' of the manifest is not an object of texts"),
        ({"codetabelversies": [WRONG]}, "'codetabelversies' of the manifest is not an object of texts"),
        ({"sha256": WRONG}, "'sha256' of the manifest is not a SHA-256"),
        ({"aantal": 10**30}, "'aantal' of the manifest is not a whole number"),
        ({"aantallen": {"group": WRONG}}, "'aantallen' of the manifest is not a list of objects"),
        ({"aantallen": [WRONG]}, "'aantallen' of the manifest is not a list of objects"),
        (
            {"aantallen": [{"group": "x"}]},
            "Item 1 of field 'aantallen' of the manifest has a count that is not a whole number",
        ),
        (
            {"aantallen": [{"group": "x", "aantal": -1}]},
            "Item 1 of field 'aantallen' of the manifest has a count that is not a whole number",
        ),
        (
            {"aantallen": [{WRONG: 1, "aantal": 1}]},
            "Item 1 of field 'aantallen' of the manifest has a dimension that is not text",
        ),
        (
            {"aantallen": [{"g": "x", "aantal": 1}] * 2},
            "Item 2 of field 'aantallen' of the manifest names a segment twice",
        ),
        (
            {"uitgesloten": [{"aantal": 1}]},
            "Item 1 of field 'uitgesloten' of the manifest has no reason of its own",
        ),
        (
            {"uitgesloten": [{"reden": "a", "aantal": 1}] * 2},
            "Item 2 of field 'uitgesloten' of the manifest has no reason of its own",
        ),
        (
            {"uitgesloten": [{"reden": "a", "aantal": "1"}]},
            "Item 1 of field 'uitgesloten' of the manifest has a count that is not a whole number",
        ),
    ],
)
def test_the_problem_names_the_field_and_not_the_value(body, problem):
    with pytest.raises(UnreadableDelivery) as caught:
        parse(body)
    assert problem in str(caught.value)
    assert WRONG not in str(caught.value)


def test_a_mark_before_the_json_is_skipped():
    assert parse_manifest(b"\xef\xbb\xbf{}", PATHS) == Manifest()


def test_a_field_can_be_renamed_by_our_name_or_by_that_of_the_default():
    paths = field_paths({"rows": "n", "bytes": "header.size"}, where="manifest_fields")
    assert (paths["rows"], paths["size"], paths["item_count"]) == ("n", "header.size", "aantal")
    assert parse_manifest(b'{"n": 1, "header": {"size": 2}}', paths) == Manifest(rows=1, size=2)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([path.split(".")[0] for path in FIELDS.values()]), json_values, max_size=4))
def test_whatever_is_in_it_a_manifest_is_read_or_refused_in_our_words(body):
    problem = "manifest"
    try:
        parse(body)
    except UnreadableDelivery as error:
        problem = str(error)
    assert "manifest" in problem
