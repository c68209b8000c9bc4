from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.errors import ConfigError
from ketenwacht.reconcile import Keys
from ketenwacht.reconcile.keys import Form, pseudonym_sql, signing_parameters

RANDOM = hashlib.sha256(b"drawn by chance").digest()
STRONG = st.binary(min_size=32, max_size=200).filter(lambda key: len(set(key)) >= 12 and not key.isascii())


@pytest.mark.integration
@settings(deadline=None)
@given(key=STRONG, values=st.lists(st.text(max_size=40).map(lambda v: v.replace("\0", "")), min_size=1))
def test_the_pseudonym_in_sql_is_the_hmac_of_the_standard_library(key, values):
    keys = Keys.of({"k": key})
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (i INTEGER, v VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(values)))
        found = connection.execute(
            f"SELECT {pseudonym_sql('v', Form())} FROM t ORDER BY i",  # noqa: S608 - the SQL under test
            signing_parameters(Form(), keys, "k"),
        ).fetchall()
    expected = [hmac.new(key, value.strip(" ").encode(), hashlib.sha256).hexdigest() for value in values]
    assert [row[0] for row in found] == expected
    assert [keys.make_pseudonym(value) for value in values] == [f"k:{digest}" for digest in expected]


def test_the_newest_key_signs_and_older_ones_can_still_be_read():
    keys = Keys.parse(
        f"2021:{RANDOM.hex()}\n# turned in January\n2022:{hashlib.sha256(b'another').hexdigest()}",
        where="keys.txt",
    )
    assert keys.ids == ("2021", "2022")
    assert keys.newest == "2022"
    assert keys.make_pseudonym("0012345678").startswith("2022:")
    assert (
        keys.make_pseudonym("0012345678", "2021")
        == f"2021:{hmac.new(RANDOM, b'0012345678', 'sha256').hexdigest()}"
    )


@pytest.mark.parametrize("written", [RANDOM.hex(), RANDOM.hex().upper(), base64.b64encode(RANDOM).decode()])
def test_a_key_is_written_in_hex_or_base64(written):
    assert Keys.parse(f"a:{written}", where="env").make_pads("a") == Keys.of({"a": RANDOM}).make_pads("a")


def test_several_keys_fit_in_one_variable():
    assert Keys.parse(f"a:{RANDOM.hex()},b:{RANDOM[::-1].hex()}", where="env").ids == ("a", "b")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "holds no key"),
        ("# only a remark", "holds no key"),
        (RANDOM.hex(), "is not a pair"),
        ("a:short", "is neither hex nor base64"),
        ("a:" + base64.b64encode(b"x" * 8).decode(), "is too short"),
        ("a:" + bytes(range(31)).hex(), "is too short"),
        ("a:" + "ab" * 32, "can be guessed"),
        ("a:" + base64.b64encode(b"correct horse battery staple, 2022").decode(), "can be guessed"),
        ("a b:" + RANDOM.hex(), "key id"),
        (f"a:{RANDOM.hex()}\na:{RANDOM.hex()}", "given before"),
    ],
)
def test_a_weak_key_is_refused_and_not_shown(text, what):
    with pytest.raises(ConfigError, match=what) as refused:
        Keys.parse(text, where="keys.txt")
    secret = text.partition(":")[2]
    assert not secret or secret not in str(refused.value)


def test_no_key_shows_in_a_repr():
    keys = Keys.of({"k1": RANDOM})
    assert repr(keys) == "Keys()"
    assert repr(keys.make_pads("k1")) == "HmacPads()"


def test_a_key_that_is_not_there_is_named_by_its_id():
    with pytest.raises(ConfigError, match="key k9"):
        Keys.of({"k1": RANDOM}).make_pads("k9")


def test_a_key_file_that_is_not_there_is_a_configuration_fault(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Keys.read(tmp_path / "keys.txt")
    (tmp_path / "keys.txt").write_text(f"k1:{RANDOM.hex()}\n")
    assert Keys.read(tmp_path / "keys.txt").newest == "k1"


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("it counts", bytes(range(32))),
        ("it counts by three", bytes(3 * n % 256 for n in range(48))),
        ("it repeats a random half", bytes.fromhex("8f1c7be09a4425d36e0bb1f7c2985a3d") * 2),
        ("it is text with lines", b"correct horse battery staple\nand more of it\n"),
        ("it is text in another language", "wachtwoord van de één of andere keten".encode()),
        ("it has few bytes", bytes([1, 200, 7, 90, 33, 250, 128, 64] * 3 + [200, 1, 90, 7, 64, 128, 1, 1])),
    ],
)
def test_a_key_that_nobody_drew_is_refused(sentence, key):
    with pytest.raises(ConfigError, match="can be guessed"):
        Keys.parse(f"k1:{key.hex()}", where="env")
