"""What of a text from outside may be kept: agreed values always, others by their looks, persons never."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.guard import Guard, shape_of
from ketenwacht.domain.measurement import Column, MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.personal_values import OTHER, looks_personal, shown_file, shown_text
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Name, Statement, as_json, from_json, legacy

KIND = Segment((("kind", "a"),))
DAY = date(2022, 1, 3)


@pytest.mark.parametrize(
    ("sentence", "text", "personal"),
    [
        ("nothing at all", "", False),
        ("a code", "A10", False),
        ("a municipality", "0363", False),
        ("a municipality as the statistics office writes it", "GM0363", False),
        ("a target group", "overige migrant", False),
        ("a word with accents", "categorie é", False),
        ("a reason", "jonger dan 18 jaar", False),
        ("ages", "18-24", False),
        ("a month", "2022-01", False),
        ("a week", "2022-W05", False),
        ("a season", "2021-2022", False),
        ("a season with a slash", "2021/2022", False),
        ("a serial number of six digits", "000123", False),
        ("an article of law", "art. 3.51, lid 1", False),
        ("a municipality and its name", "0363 Amsterdam", False),
        ("a number of a person", "0176547588", True),
        ("a citizen service number", "777712345", True),
        ("… with dots", "7777.12.345", True),
        ("… with blanks", "7777 12 345", True),
        ("… with a blank that does not break", "7777\u00a012\u00a0345", True),
        ("… with dashes", "7777-12-345", True),
        ("… with dashes as a typesetter makes them", "7777\u201312\u2013345", True),
        ("… digit by digit", "7 7 7 7 1 2 3 4 5", True),
        ("… in digits of another script", "\u0667" * 9, True),
        ("… with something nobody sees in between", "77771\u200b2345", True),
        ("a number of an alien with a letter", "V-7777.123.450", True),
        ("… inside words", "verzoek van 7777123450", True),
        ("a number of a telephone", "06-12345678", True),
        ("seven digits", "1234567", True),
        ("a date without dashes", "19800500", True),
        ("a date with dashes", "1980-05-01", True),
        ("a date the Dutch way", "01-05-1980", True),
        ("a date with dots", "1.5.1980", True),
        ("a date with blanks", "7 7 1977", True),
        ("a date of two digits a part", "07-07-77", True),
        ("a date in words", "7 juli 1977", True),
        ("a date in English words", "July 7, 1977", True),
        ("a date as Python writes it", "date(1977, 7, 7)", True),
        ("a postcode", "1234 AB", True),
        ("a postcode without a blank", "1234AB", True),
        ("a postcode in small letters", "1234ab", True),
        ("a postcode with a house number", "1234AB12", True),
        ("an address of mail", "a@b", True),
        ("a pseudonym", "k1:0123456789abcdef0123", True),
        ("an id of a record", "a1b2c3d4-e5f6-4a7b-8c9d-e0f1a2b3c4d5", True),
        ("two lines", "a\nb", True),
        ("a long text", "x" * 61, True),
    ],
)
def test_what_looks_like_a_persons(sentence, text, personal):
    assert looks_personal(text) is personal, sentence


@pytest.mark.parametrize(
    ("sentence", "text", "personal"),
    [
        ("the id of a delivery by day", "2022-01-03", False),
        ("… by moment", "2022-01-03T071500", False),
        ("… that is due", "due:2022-01-03", False),
        ("the name of a file", "IND-DUO_20220103_000123.csv", False),
        ("a source with its day", "CBS, StatLine 84969NED, 1 mei 2022", False),
        (
            "a source longer than a code",
            "Centraal Bureau voor de Statistiek: Statistiek Wet inburgering, cohort 2022",
            False,
        ),
        ("a number of a person", "inquiries_7777123450.csv", True),
        ("… beside a day", "20220103 777712345", True),
        ("… with dots", "7777.12.345", True),
        ("an address of mail", "a@b.nl", True),
    ],
)
def test_ids_sources_and_files_may_hold_days(sentence, text, personal):
    assert shown_text(text) == (OTHER if personal else text), sentence


def test_of_the_path_of_a_file_only_a_personal_name_is_withheld():
    assert shown_file(Path("evidence/2022-W05.csv")) == "evidence/2022-W05.csv"
    assert shown_file(Path("evidence/7777.123.450.csv")) == "evidence/(other).csv"
    assert shown_file(Path("evidence/list.7777123450")) == "evidence/(other)"


AGREED = Guard(
    codes={"kind": frozenset({"a", "1234567"})},
    known={"kind": frozenset({"old"}), "town": frozenset({"7654321"})},
    columns=frozenset({"id", "kind", "town"}),
    reasons=frozenset({"too young"}),
    parties=frozenset({"IND", "DUO"}),
)


@pytest.mark.parametrize(
    ("sentence", "column", "value", "kept"),
    [
        ("a code of the table", "kind", "a", "a"),
        ("a code of the table that looks like a number of a person", "kind", "1234567", "1234567"),
        ("a value that another setting names", "kind", "old", "old"),
        ("a value outside the table, however innocent", "kind", "b", OTHER),
        ("a code with a blank behind it is another value", "kind", "a ", OTHER),
        ("an empty value", "kind", "", ""),
        ("a column without a table", "town", "Almere", "Almere"),
        ("… and a value that a setting names", "town", "7654321", "7654321"),
        ("… and a value that looks personal", "town", "7654322", OTHER),
    ],
)
def test_a_code_table_decides_and_looks_where_there_is_none(sentence, column, value, kept):
    assert AGREED.value(column, value) == kept, sentence


def test_values_outside_the_table_share_one_segment_and_counts_still_add_up():
    town = Segment((("kind", "b"), ("town", "x")))
    other = Segment((("kind", "c"), ("town", "x")))
    values = {
        MetricKey("rows", town): 2.0,
        MetricKey("nulls.id", town): 1.0,
        MetricKey("rows", other): 3.0,
        MetricKey("rows", KIND): 5.0,
    }
    withheld = Segment((("kind", OTHER), ("town", "x")))
    assert AGREED.measurements(values, {}) == {
        MetricKey("rows", withheld): 5.0,
        MetricKey("nulls.id", withheld): 1.0,
        MetricKey("rows", KIND): 5.0,
    }


def test_what_could_not_be_measured_of_one_value_could_not_of_all():
    values = {
        MetricKey("rows", Segment((("kind", v),))): n for v, n in (("b", 1.0), ("c", Unmeasured("x")), ("d", 2.0))
    }
    assert AGREED.measurements(values, {}) == {MetricKey("rows", Segment((("kind", OTHER),))): Unmeasured("x")}


def test_measurements_in_which_nothing_is_withheld_are_not_copied():
    values = {MetricKey("rows", KIND): 1.0}
    assert AGREED.measurements(values, {"id": "id"}) is values


@pytest.mark.parametrize(
    ("sentence", "guard", "columns", "learnt", "names"),
    [
        ("agreed columns keep their names", AGREED, ["id", "kind"], (), ["id", "kind"]),
        ("without a list other columns keep theirs too", AGREED, ["id", "Jansen"], (), ["id", "Jansen"]),
        ("… unless they look personal", AGREED, ["id", "7777 ZQ"], (), ["id", "#2"]),
        ("… or no earlier delivery had them", AGREED, ["kind", "Jansen"], ("id", "kind"), ["kind", "#2"]),
        (
            "with a list every other column is named by position",
            Guard(columns=frozenset({"id"}), listed=True),
            ["extra", "id"],
            (),
            ["#1", "id"],
        ),
        (
            "an agreed name is kept whatever it looks like",
            Guard(columns=frozenset({"x" * 70}), listed=True),
            ["x" * 70],
            (),
            ["x" * 70],
        ),
        (
            "an agreed name in other capitals, or with spaces around it, says no more than the agreed one",
            Guard(columns=frozenset({"id", "kind"}), listed=True),
            ["ID", " kind ", "name"],
            (),
            ["ID", " kind ", "#3"],
        ),
        (
            "a name by position stays what it is",
            Guard(columns=frozenset({"id"}), listed=True),
            ["#1", "id"],
            (),
            ["#1", "id"],
        ),
    ],
)
def test_columns_that_nobody_agreed_are_named_by_position(sentence, guard, columns, learnt, names):
    assert list(guard.names(columns, learnt).values()) == names, sentence


def test_a_renamed_column_takes_its_empty_fields_along():
    values = {MetricKey("nulls.Jansen", KIND): 2.0, MetricKey("rows", KIND): 3.0}
    assert AGREED.measurements(values, {"Jansen": "#2"}) == {
        MetricKey("nulls.#2", KIND): 2.0,
        MetricKey("rows", KIND): 3.0,
    }


def test_a_manifest_keeps_what_was_agreed():
    stated = Manifest(
        delivery_uuid="0b0e2f6e-6a1c-5d7b-9c39-0f2b6f6a2022",
        sender="IND",
        receiver="DUO",
        period_to=DAY,
        schema_version="2.1",
        code_table_versions={"town": "2022-01-01"},
        rows_by_segment={KIND: 1, Segment((("kind", ""),)): 2},
        excluded={"too young": 4},
    )
    assert AGREED.manifest(stated) == stated


@pytest.mark.parametrize("mark", ["7777123450", "7777.123.450", "7777 12 345", "777712345", "7777ZQ", "7-7-1977"])
def test_a_manifest_keeps_no_mark_of_a_person_in_any_of_its_texts(mark):
    stated = Manifest(
        delivery_uuid=mark,
        sender=f"Zwartkruis {mark}",
        receiver="Zwartkruis",
        period_to=DAY,
        schema_version=mark,
        code_table_versions={"town": mark, mark: "1"},
        rows_by_segment={
            Segment((("town", mark),)): 1,
            Segment((("town", f"x {mark}"),)): 2,
            Segment(((mark, "a"),)): 4,
        },
        selected_by_segment={Segment((("kind", "Zwartkruis"),)): 1},
        excluded={f"at the request of {mark}": 1, mark: 2},
    )
    kept = AGREED.manifest(stated)
    assert mark not in repr(kept)
    assert "Zwartkruis" not in repr(kept)
    assert kept.rows_by_segment == {Segment((("town", OTHER),)): 3, WHOLE: 4}
    assert kept.excluded == {OTHER: 3}
    assert mark not in repr(Guard().manifest(stated))  # nothing is agreed: by its looks alone


@pytest.mark.parametrize(
    ("sentence", "version", "kept"),
    [
        ("a number", "1.0", True),
        ("a number with a word", "v2-beta", True),
        ("a day not long ago", "2021-06-01", True),
        ("… with dots", "2021.6.1", True),
        ("a day of birth", "1977-07-07", False),
        ("a day to come", "2077-07-17", False),
        ("no day", "2021-13-45", False),
        ("a name", "Zwartkruis", False),
    ],
)
def test_a_version_is_a_number_or_a_day_not_long_before_the_delivery(sentence, version, kept):
    stated = Manifest(period_to=DAY, schema_version=version, code_table_versions={"town": version})
    found = AGREED.manifest(stated)
    wanted = version if kept else OTHER
    assert (found.schema_version, found.code_table_versions["town"]) == (wanted, wanted), sentence


def test_a_delivery_that_others_describe_says_nothing_of_a_person():
    told = Delivery("feed", "1", DAY, problem="row 3: 7777.123.450 is no number", manifest=Manifest(sender="x"))
    kept = AGREED.delivery(told)
    assert kept.problem == Statement("delivery.not_told")
    assert kept.manifest == Manifest(sender=OTHER)
    assert AGREED.delivery(Delivery("feed", "1", DAY, problem="it is empty")).problem == legacy("it is empty")


def test_what_was_measured_elsewhere_keeps_only_names_of_this_feed():
    one = Snapshot(
        Delivery("feed", "2022-01-03", DAY, arrived_at=datetime(2022, 1, 3, tzinfo=UTC)),
        {
            MetricKey("rows", KIND): 1.0,
            MetricKey("rows", Segment((("kind", "Zwartkruis"),))): 2.0,
            MetricKey("rows", Segment((("elsewhere", "a"),))): 3.0,
            MetricKey("nulls.Zwartkruis 777712345"): 4.0,
            MetricKey("declared.excluded.777712345"): 5.0,
            MetricKey("777712345"): 6.0,
            MetricKey("expectation.e.met"): Unmeasured("it said 777712345"),
        },
        (Column("id", "text"), Column("Zwartkruis 777712345", "text")),
    )
    kept = AGREED.snapshot(one)
    assert kept.columns == (Column("id", "text"), Column("#2", "text"))
    assert kept.measurements == {
        MetricKey("rows", KIND): 1.0,
        MetricKey("rows", Segment((("kind", OTHER),))): 2.0,
        MetricKey("nulls.#2"): 4.0,
        MetricKey(f"declared.excluded.{OTHER}"): 5.0,
        MetricKey("expectation.e.met"): Unmeasured(Statement("unmeasured.not_told")),
    }


@pytest.mark.parametrize(("numbered", "fine"), [(True, True), (False, False)])
def test_an_id_of_ten_digits_is_fine_where_the_pattern_of_names_holds_a_number(numbered, fine):
    one = Snapshot(Delivery("feed", "7777123450", DAY))
    guard = Guard(numbered=numbered)
    if fine:
        assert guard.snapshot(one) == one
    else:
        with pytest.raises(ValueError, match="could be a person's"):
            guard.snapshot(one)


def test_a_guard_goes_to_another_process():
    assert pickle.loads(pickle.dumps(AGREED)) == AGREED  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("sentence", "name", "shown"),
    [
        ("a day as id", Name("2022-01-03"), "2022-01-03"),
        ("a long column", Name("x" * 70), "x" * 70),
        ("a number of a person", Name("7777 123 450"), OTHER),
        ("an agreed code of seven digits", Name("1234567", agreed=True), "1234567"),
        ("the long number of a delivery", Name("0000000123", agreed=True), "0000000123"),
    ],
)
def test_a_name_in_a_statement_is_not_withheld_by_accident(sentence, name, shown):
    assert name.text == shown, sentence
    assert from_json(as_json(name)) == name


SHOWN = [
    ("a code of the table that is not valid now", "G20", True),
    ("one of the same form", "G29", True),
    ("another form", "GG29", False),
    ("a name", "Jansen", False),
    ("a word as long as a code, without a digit", "Jan", False),
    ("a number of a person", "1234567890", False),
]


@pytest.mark.parametrize(("sentence", "code", "shown"), SHOWN, ids=[row[0] for row in SHOWN])
def test_which_offending_codes_may_be_shown(sentence, code, shown):
    assert Guard(codes={"purpose": frozenset({"G20", "G21"})}).may_show("purpose", code) is shown


@pytest.mark.parametrize(
    ("code", "shape"), [("G29", "A99"), ("g2", "a9"), ("aB-1", "aA-9"), ("", ""), ("é٣", "a9"), ("_", "_")]
)
def test_the_form_of_a_code(code, shape):
    assert shape_of(code) == shape
