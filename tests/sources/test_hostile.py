"""What a sender, a broken transfer or an attacker may put in the folder: each refused in one clear sentence."""

import gzip
import io
import json
import os
import tempfile
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import DeliveryError, UnreadableDelivery
from ketenwacht.messages.formatter import MessageFormatter

from .conftest import AT, NAME, ROWS, Folder, only, problem_of

english = MessageFormatter().say


def compress():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", ROWS)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "The file is empty: there is no header.", id="an empty file"),
        pytest.param(b"\n" + ROWS, "Line 1 is empty, where the header should be.", id="an empty first line"),
        pytest.param(ROWS + b"3;a\0\n", "Line 4 holds a NUL character", id="a NUL"),
        pytest.param(ROWS + "3;é\n".encode("latin-1"), "Line 4 is not valid utf-8", id="latin-1 bytes"),
        pytest.param(ROWS + b"3;\xc3", "Line 4 is not valid utf-8", id="cut in the middle of a character"),
        pytest.param(gzip.compress(ROWS), "It is a compressed file (gzip)", id="gzip under a CSV name"),
        pytest.param(compress(), "It is a compressed file (zip)", id="zip under a CSV name"),
        pytest.param(b"BZh91AY", "It is a compressed file (bzip2)", id="bzip2 under a CSV name"),
        pytest.param(ROWS + b"3\n", "Line 4 has 1 field; the header has 2", id="a row that is too short"),
        pytest.param(ROWS + b"3;a;x\n", "Line 4 has 3 fields; the header has 2", id="a row that is too long"),
        pytest.param(
            b'key;group\n1;"x\ny"\n2\n', "Line 4 has 1 field;", id="a short row after a line end in quotes"
        ),
        pytest.param(ROWS + b'3;"a\n', "Line 4 is not CSV: a quote is not closed", id="cut inside quotes"),
        pytest.param(b"key;group\r\n1;a\n2;b\r\n", "The lines end in more than one way.", id="mixed line ends"),
        pytest.param(b"key;group;key\n1;a;2\n", "Columns 1 and 3 have the same name.", id="a header name twice"),
        pytest.param(
            b"key;KEY\n1;a\n", "Columns 1 and 2 have the same name.", id="names that differ in case only"
        ),
        pytest.param(b"key;\n1;a\n", "Column 2 has no name.", id="a header with a gap"),
        pytest.param(b"key;group,part\n1;a\n", "The header holds more than one of", id="two possible delimiters"),
        pytest.param(b"0000000001;a\n2;b\n", "The name of column 1 is a number", id="no header: a person first"),
        pytest.param(
            b";".join(b"k%s" % (b"x" * i) for i in range(1, 150)) + b"x" * 200, "too long", id="long name"
        ),
        pytest.param(
            b";".join(b"a%d" % i for i in range(100_000)), "There are 100,000 columns", id="100,000 columns"
        ),
        pytest.param(b"a;" * 700_000, "The header has more than", id="a header without an end"),
        pytest.param(b'"key;group\n1;a\n', "not CSV", id="a header in quotes that are not closed"),
    ],
)
def test_csv_that_is_refused(folder, content, problem):
    folder.put(content=content)
    assert problem in problem_of(folder.reader())


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    folder.put("other.csv")
    secret = tmp_path / "secret.csv"
    secret.write_bytes(ROWS)
    (folder.path / NAME).symlink_to(secret)
    assert problem_of(folder.reader()) == "The file is outside the folder of deliveries."


def test_a_link_within_the_folder_is_followed(folder):
    folder.put("other.csv")
    (folder.path / NAME).symlink_to(folder.path / "other.csv")
    assert problem_of(folder.reader()) is None


def test_a_manifest_that_links_out_of_the_folder_is_refused(manifested, tmp_path):
    manifested.put()
    (tmp_path / "secret.json").write_text("{}")
    (manifested.path / NAME.replace(".csv", ".manifest.json")).symlink_to(tmp_path / "secret.json")
    assert english(only(manifested.reader().find(AT)).problem) == "The file is outside the folder of deliveries."


def test_a_link_to_nothing_is_unreadable(folder):
    folder.path.mkdir()
    (folder.path / NAME).symlink_to("nowhere.csv")
    assert problem_of(folder.reader()) == "The file cannot be opened (there is no such file or folder)."


def test_a_directory_with_the_name_of_a_delivery_is_unreadable(folder):
    (folder.path / NAME).mkdir(parents=True)
    assert problem_of(folder.reader()) == "It is not a regular file."


def test_a_pipe_with_the_name_of_a_delivery_is_not_waited_for(folder):
    folder.path.mkdir()
    os.mkfifo(folder.path / NAME)
    assert problem_of(folder.reader()) == "It is not a regular file."


NOBODY = 65534


def test_a_file_that_may_not_be_read():
    with tempfile.TemporaryDirectory() as open_to_all:  # pytest's own folders are closed to everybody else
        folder = Folder(Path(open_to_all), {})
        file = folder.put()
        assert only(folder.reader().find(AT)).read  # and what reading imports is imported while that is allowed
        file.chmod(0)
        for path in (folder.path, folder.root):
            path.chmod(0o755)
        user = os.geteuid()
        if user == 0:  # root may read everything
            os.seteuid(NOBODY)
        try:
            found = problem_of(folder.reader())
        finally:
            os.seteuid(user)
    assert found == "The file cannot be read (this account has no right to it)."


def test_ten_gigabytes_by_mistake_are_refused_without_being_read(folder):
    with folder.put().open("r+b") as file:
        file.truncate(10 * 1024**3)
    assert "the maximum is" in problem_of(folder.reader())


@pytest.mark.parametrize("name", ["../secret", "000001/../../secret", "x", "", "1", "0000001", "-00001", "٠٠٠٠٠١"])
def test_an_id_that_no_name_can_have_leads_nowhere(folder, name):
    folder.put()
    found = only(folder.reader().find(AT))
    asked = type(found)("feed", name, found.period)
    assert folder.reader().verify(asked).problem == Statement("delivery.other_id")


def test_a_file_that_is_replaced_while_it_is_hashed_is_unreadable(folder):
    size = 200 << 20  # sparse: it costs no disk, and long enough to hash
    path = folder.put("FEED_20220103_000001.parquet", b"PAR1")
    with path.open("r+b") as file:
        file.truncate(size)
    reader = folder.reader(pattern="FEED_{date:%Y%m%d}_{sequence:06d}.parquet", reader="parquet")
    found = only(reader.find(AT))

    def replace():
        other = path.with_suffix(".new")
        with other.open("wb") as file:
            file.truncate(size)
        other.replace(path)

    timer = threading.Timer(0.02, replace)
    timer.start()
    verified = reader.verify(found)
    timer.join()
    assert (verified.presence, verified.problem) == (Presence.UNREADABLE, Statement("delivery.changed"))
    assert verified.sha256 is None


def test_a_file_that_changes_after_it_was_verified_is_not_loaded(folder):
    folder.put()
    reader = folder.reader()
    verified = reader.verify(only(reader.find(AT)))
    folder.put(content=ROWS.replace(b";a", b";c"))
    with duckdb.connect(":memory:") as con:
        con.execute("CREATE TABLE delivery AS SELECT 1 AS earlier")
        with pytest.raises(UnreadableDelivery, match="The file changed after it was verified"):
            reader.load(verified, con)
        assert con.execute("SHOW TABLES").fetchall() == []


def test_an_unreadable_delivery_is_never_loaded(manifested):
    manifested.put()
    manifested.put_manifest(bytes=1)
    reader = manifested.reader()
    found = reader.verify(only(reader.find(AT)))
    with duckdb.connect(":memory:") as con, pytest.raises(UnreadableDelivery, match="the manifest declares 1"):
        reader.load(found, con)


def test_a_folder_that_is_not_there_cannot_be_judged(folder):
    with pytest.raises(
        DeliveryError, match=r"The folder of deliveries cannot be listed \(there is no such file or folder\)"
    ):
        folder.reader().find(AT)


BOMB = b'{"aantallen": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(BOMB, "The manifest is not JSON.", id="nested without end"),
        pytest.param(b'{"aantal": ' + b"9" * 5000 + b"}", "The manifest is not JSON.", id="a number without end"),
        pytest.param(b'{"aantal": NaN}', "The manifest is not JSON.", id="NaN"),
        pytest.param(b'{"aantal": 1, "aantal": 2}', "The manifest is not JSON.", id="a key twice"),
        pytest.param(b"\xff{}", "The manifest is not JSON.", id="not UTF-8"),
        pytest.param(b"", "The manifest is not JSON.", id="empty"),
        pytest.param(b"[]", "The manifest is not a JSON object.", id="a list"),
    ],
)
def test_a_manifest_that_is_refused(manifested, content, problem):
    manifested.put()
    manifested.put(NAME.replace(".csv", ".manifest.json"), content)
    assert problem in english(only(manifested.reader().find(AT)).problem)


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        ({"bytes": 35}, "The file has 36 bytes; the manifest declares 35."),
        ({"sha256": "0" * 64}, "The SHA-256 of the file differs from the one in the manifest."),
        ({"aantal": 37}, "The manifest declares more rows than 36 bytes can hold."),
        ({"geselecteerd": 777712345}, "counts more persons than a delivery of 36 bytes can hold"),
        ({"uitgesloten": [{"reden": "x", "aantal": 777712345}]}, "counts more persons than a delivery of 36"),
        ({"aantallen": [{"group": "a", "aantal": 777712345}]}, "counts more persons than a delivery of 36"),
        ({"aantal": -1}, "Field 'aantal' of the manifest is not a whole number from 0 to 10^12."),
        ({"aantal": "2"}, "Field 'aantal' of the manifest is not a whole number from 0 to 10^12."),
        ({"aantal": True}, "Field 'aantal' of the manifest is not a whole number from 0 to 10^12."),
        ({"aantal": 2.0}, "Field 'aantal' of the manifest is not a whole number from 0 to 10^12."),
        ({"volgnummer": 2}, "The name and the manifest give different sequence numbers."),
        ({"periode": {"van": "2022-02-01", "tot": "2022-02-28"}}, "The date in the name is outside the period"),
        (
            {"periode": {"van": "2022-01-04", "tot": "2022-01-03"}},
            "Field 'periode.tot' of the manifest is before the first day of the period.",
        ),
    ],
)
def test_a_manifest_that_lies(manifested, lie, problem):
    manifested.put()
    manifested.put_manifest(**lie)
    assert problem in problem_of(manifested.reader())


@pytest.mark.parametrize(
    "lie",
    [
        {"bytes": 777712345},
        {"aantal": 777712345},
        {"geselecteerd": 777712345},
        {"uitgesloten": [{"reden": "x", "aantal": 777712345}]},
        {"geselecteerd_aantallen": [{"group": "a", "aantal": 777712345}]},
    ],
)
def test_a_count_that_is_the_number_of_a_person_is_not_kept(manifested, lie):
    manifested.put()
    manifested.put_manifest(**lie)
    reader = manifested.reader()
    told = reader.verify(only(reader.find(AT)))
    assert told.presence is Presence.UNREADABLE
    assert "777712345" not in repr(told)
    assert told.manifest.sequence == 1  # what is no count stays: a number that is not entered would be missed


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty: there is no object."),
        (b'{"a": 1}\n{"a": \n', "Line 2 is not valid JSON"),
        (b'{"a": 1}\n[1]\n', "Line 2 is not an object"),
        (b'{"a": 1, "a": 2}\n', "An object has the same key twice."),
        (b'{"a": "x\\u0000"}\n', "Line 1 holds a NUL character"),
        (b'{"a": 1}\n{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "Line 2 has more than 500 brackets"),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}\n', "Line 1 is longer than"),
        (b'{"a": 1, "A": 2}\n', "Columns 1 and 2 have the same name."),
        (b'{"0000000001": {"a": 1}}\n', "The name of column 1 is a number"),
        (b'{"a": 1}\n{"a": "\xe9"}\n', "Line 2 is not valid utf-8"),
        (gzip.compress(b'{"a": 1}', mtime=0), "It is a compressed file (gzip)"),
        (json.dumps({f"a{i}": i for i in range(3000)}).encode(), "There are 3,000 columns"),
    ],
)
def test_json_lines_that_are_refused(folder, content, problem):
    folder.put("FEED_20220103.jsonl", content)
    assert problem in problem_of(folder.reader(pattern="FEED_{date:%Y%m%d}.jsonl", reader="jsonl"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is not Parquet"),
        (b"PAR1 and no more PAR1", "The file is not Parquet"),
        (ROWS, "The file is not Parquet"),
    ],
)
def test_parquet_that_is_refused(folder, content, problem):
    folder.put("FEED_20220103.parquet", content)
    assert problem in problem_of(folder.reader(pattern="FEED_{date:%Y%m%d}.parquet", reader="parquet"))


def test_parquet_that_unpacks_into_far_more_than_its_size_is_refused(folder):
    path = folder.put("FEED_20220103.parquet", b"")
    rows = duckdb.sql("SELECT 1 AS a, 'x' AS b FROM range(1000000)")
    rows.write_parquet(str(path), compression="zstd")
    assert path.stat().st_size < 100_000
    reader = folder.reader(pattern="FEED_{date:%Y%m%d}.parquet", reader="parquet", max_bytes=100_000)
    assert "The file unpacks to 1,000,000 rows" in problem_of(reader)


def test_half_written_and_hidden_files_are_no_deliveries(folder):
    for name in (
        f"{NAME}.part",
        f"{NAME}.tmp",
        f".{NAME}",
        f"{NAME}~",
        "FEED_20220103_1.csv",
        "FEED_20221303_000001.csv",
    ):
        folder.put(name)
    assert folder.reader().find(AT, quiet=timedelta(0)) == ()
