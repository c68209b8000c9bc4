from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.reconcile import Keys, look_up, pseudonymise

CLEAR = (
    "\ufeffnumber;name;town;decided\n"
    "0000000012;Jansen;0363;20220103\n"
    ";Nobody;0363;20220104\n"
    ' "0099" ;"A;B";0014;\n'
)


def clear_register(tmp_path: Path, text: str = CLEAR) -> Path:
    path = tmp_path / "clear.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_only_pseudonyms_and_the_columns_named_leave(tmp_path, keys):
    target = tmp_path / "out.csv"
    done = pseudonymise(clear_register(tmp_path), target, key=("number",), keep=("decided", "town"), keys=keys)
    rows = list(csv.reader(target.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert rows[0] == ["number", "decided", "town"]
    assert sorted(rows[1:]) == sorted(
        [
            [keys.make_pseudonym("0000000012"), "20220103", "0363"],
            ["", "20220104", "0363"],
            [keys.make_pseudonym("0099"), "", "0014"],
        ]
    )
    assert (done.rows, done.without_key, done.key_id) == (3, 1, "k2")
    assert "Jansen" not in target.read_text(encoding="utf-8")


def test_only_its_owner_can_read_the_file_even_when_it_replaces_an_open_one(tmp_path, keys):
    target = tmp_path / "out.csv"
    target.write_text("before")
    target.chmod(0o644)
    pseudonymise(clear_register(tmp_path), target, key=("number",), keys=keys)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clear.csv", "out.csv"]


def test_rows_do_not_keep_the_order_of_the_register(tmp_path, keys):
    rows = "".join(f"{number:010d}\n" for number in range(50))
    pseudonymise(clear_register(tmp_path, f"number\n{rows}"), tmp_path / "out.csv", key=("number",), keys=keys)
    written = (tmp_path / "out.csv").read_text().split()[1:]
    assert written == sorted(written)


@pytest.mark.parametrize(
    ("text", "fault", "what"),
    [
        ("number\n" + "a" * 64 + "\n", ConfigError, "plain hashes"),
        ("number\n" + "0" * 32 + "\n", ConfigError, "plain hashes"),
        ("number\n" + "A" * 43 + "=\n", ConfigError, "plain hashes"),
        ("number\n1\n2\n" + "b" * 64 + "\n", ConfigError, "plain hashes|mixes"),
        ("number\n" + "k1:" + "a" * 64 + "\n", ConfigError, "pseudonyms already"),
        ("name\nSecretPerson\n", ConfigError, "no column number"),
        ("number;name\n1;2;3;SecretPerson\n", UnreadableDelivery, "cannot be read"),
        ("number;number\n1;2\n", UnreadableDelivery, "not a header"),
        ("", UnreadableDelivery, "not a header"),
    ],
)
def test_a_refused_register_leaves_no_file_and_quotes_no_value(tmp_path, keys, text, fault, what):
    with pytest.raises(fault, match=what) as refused:
        pseudonymise(clear_register(tmp_path, text), tmp_path / "out.csv", key=("number",), keys=keys)
    assert "SecretPerson" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert [path.name for path in tmp_path.iterdir()] == ["clear.csv"]


def test_a_plain_hash_far_down_the_register_is_found(tmp_path, keys):
    rows = "".join(f"{number:010d}\n" for number in range(3000))
    source = clear_register(tmp_path, f"number\n{rows}{'b' * 64}\n")
    with pytest.raises(ConfigError, match="plain hashes"):
        pseudonymise(source, tmp_path / "out.csv", key=("number",), keys=keys)


def test_the_key_column_cannot_be_kept_in_clear(tmp_path, keys):
    with pytest.raises(ConfigError, match="in clear"):
        pseudonymise(clear_register(tmp_path), tmp_path / "out.csv", key=("number",), keep=("number",), keys=keys)


def test_a_file_that_is_not_utf8_is_unreadable_and_not_quoted(tmp_path, keys: Keys):
    source = tmp_path / "clear.csv"
    source.write_bytes(b"number;name\n1;M\xfcllerSecret\n")
    with pytest.raises(UnreadableDelivery) as refused:
        pseudonymise(source, tmp_path / "out.csv", key=("number",), keep=("name",), keys=keys)
    assert "Secret" not in str(refused.value)


def listing(tmp_path, *pseudonyms):
    path = tmp_path / "missing.csv"
    path.write_text("pseudonym;town\n" + "".join(f"{one};0363\n" for one in pseudonyms), encoding="utf-8")
    return path


def test_the_sender_finds_whom_it_must_send_whole_and_for_itself_alone(tmp_path, keys):
    register, target = clear_register(tmp_path), tmp_path / "rows.csv"
    short = keys.make_pseudonym("0099", "k1")[: len("k1:") + 32]
    assert look_up(register, listing(tmp_path, short), target, key=("number",), keys=keys) == (1, 1)
    assert target.read_text(encoding="utf-8") == 'number;name;town;decided\n0099;"A;B";0014;\n'
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    gone = keys.make_pseudonym("0000000013")
    both = listing(tmp_path, keys.make_pseudonym("0000000012"), gone)
    assert look_up(register, both, target, key=("number",), keys=keys) == (2, 1)


@pytest.mark.parametrize(
    ("listed", "fault", "what"),
    [
        (("k9:" + "a" * 64,), ConfigError, "is signed with key k9"),
        (("0000000012",), UnreadableDelivery, "is not a list of pseudonyms of one key"),
        (("k1:" + "a" * 64, "k2:" + "a" * 64), UnreadableDelivery, "is not a list of pseudonyms of one key"),
    ],
)
def test_a_file_that_is_not_a_list_is_refused(tmp_path, keys, listed, fault, what):
    with pytest.raises(fault, match=what) as raised:
        look_up(
            clear_register(tmp_path), listing(tmp_path, *listed), tmp_path / "x.csv", key=("number",), keys=keys
        )
    assert "0000000012" not in str(raised.value)
    assert not (tmp_path / "x.csv").exists()
