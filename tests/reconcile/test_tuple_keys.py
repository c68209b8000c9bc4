"""A key of several columns: its text is unambiguous, and every side and file reads it the same way."""

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.errors import ConfigError
from ketenwacht.reconcile import DeliveredKeys, KeyColumns, Keys, RegisterFile, look_up, pseudonymise, reconcile
from ketenwacht.reconcile.compare import ReconciliationTerms
from ketenwacht.reconcile.keys import encode_key, key_text

COLUMNS = KeyColumns(key=("a", "b"), segments=("town",))
KEYS = Keys.of({"k1": bytes(range(32))})
WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6)
PAIRS = st.tuples(WORD, WORD)


@given(PAIRS, PAIRS)
def test_two_keys_have_the_same_text_only_when_they_are_the_same_key(one, other):
    trimmed = [tuple(part.strip(" ") for part in key) for key in (one, other)]
    if any("" in key for key in trimmed):
        return
    assert (encode_key(one) == encode_key(other)) == (trimmed[0] == trimmed[1])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("ab", "c"), "2:ab1:c"),
        (("a", "bc"), "1:a2:bc"),
        ((" é ", "c"), "2:é1:c"),
        (("", "c"), ""),
        (("a", None), ""),
        (("alone",), "alone"),
    ],
    ids=["two", "the cut elsewhere", "bytes of UTF-8, trimmed", "one empty", "one null", "one column is itself"],
)
def test_sql_and_python_encode_a_key_the_same_way(values, text):
    names = [f"c{i}" for i in range(len(values))]
    marks = ", ".join(f"?::VARCHAR AS {name}" for name in names)
    with duckdb.connect() as connection:
        ((found,),) = connection.execute(f"SELECT {key_text(names)} FROM (SELECT {marks})", values).fetchall()  # noqa: S608 - our own names
    assert (found, encode_key([value or "" for value in values])) == (text, text)


@pytest.fixture
def files(tmp_path):
    """A register of four persons, one without the second part of the key."""
    clear = tmp_path / "register.csv"
    clear.write_text("a;b;town\nab;c;X\na;bc;Y\n1;2;X\nq;;X\n", encoding="utf-8")
    signed = tmp_path / "signed.csv"
    pseudonymise(clear, signed, key=("a", "b"), keep=("town",), keys=KEYS)
    return clear, signed


def compare(path, load, a_delivery, rows, header=("a", "b", "town")):
    day = date(2024, 3, 1)
    with DeliveredKeys(COLUMNS, KEYS) as delivered:
        delivered.add(a_delivery(1, day), load(rows, header))
        terms = ReconciliationTerms(reference_date=day, at=a_delivery(1, day).arrived_at)
        return reconcile(delivered, RegisterFile(path=path, columns=COLUMNS), terms)


@pytest.mark.parametrize("which", [0, 1], ids=["a register in clear", "a pseudonymised one"])
def test_a_person_is_matched_by_the_whole_key(files, load, a_delivery, which):
    found = compare(files[which], load, a_delivery, [("ab", "c", "X"), ("abc", "", "X"), ("1", "2", "X")])
    whole = found.whole
    assert (whole.registered, whole.matched, whole.missing, whole.extra) == (3, 2, 1, 0)
    assert (found.register_without_key, found.delivered_without_key) == (1, 1)


def test_a_pseudonymised_file_holds_one_column_of_pseudonyms_and_none_of_the_key(files):
    header, *rows = files[1].read_text(encoding="utf-8").splitlines()
    assert header == "pseudonym;town"
    made = KEYS.make_pseudonym(encode_key(("ab", "c")))
    assert sum(row.startswith(made) for row in rows) == 1


def test_deliveries_with_pseudonyms_compare_with_a_register_in_clear(files, load, a_delivery):
    made = KEYS.make_pseudonym(encode_key(("a", "bc")))
    found = compare(files[0], load, a_delivery, [(made, "Y")], ("pseudonym", "town"))
    assert (found.whole.matched, found.whole.missing) == (1, 2)


def test_the_sender_finds_the_rows_of_a_list_by_the_whole_key(files, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(f"pseudonym\n{KEYS.make_pseudonym(encode_key(('a', 'bc')))}\n", encoding="ascii")
    target = tmp_path / "rows.csv"
    assert look_up(files[0], listed, target, key=("a", "b"), keys=KEYS) == (1, 1)
    assert target.read_text(encoding="utf-8").splitlines()[1:] == ["a;bc;Y"]


def test_a_part_that_is_a_plain_hash_is_refused(tmp_path):
    path = tmp_path / "hashed.csv"
    path.write_text(f"a;b\n{'0f' * 32};2\n", encoding="ascii")
    with pytest.raises(ConfigError, match="plain hashes"):
        pseudonymise(path, tmp_path / "x.csv", key=("a", "b"), keys=KEYS)
