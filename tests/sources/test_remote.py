"""Files elsewhere: the same project on real servers of S3, SFTP and HTTP, and their faults told apart."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from remote_servers import SECRET, s3_client, s3_server, sftp_server, web_server

from ketenwacht.cli.root import run
from ketenwacht.domain.feed import FileSource, RemoteAccess
from ketenwacht.errors import ConfigError
from ketenwacht.sources import open_source, remote
from ketenwacht.sources.remote import Scheme

pytestmark = pytest.mark.integration
AT = "2023-01-18T20:00Z"
DAYS = ("20230116", "20230117", "20230118")
ROWS = "nr;code\n" + "".join(f"{number};A\n" for number in range(40))


def _config(folder: Path, source: str, service: str = "") -> list[str]:
    text = f"version: 1\nfeeds:\n  persons:\n    title: Persons\n    source:\n{source}{service}"
    (folder / "config.yaml").write_text(text)
    return ["-c", str(folder / "config.yaml")]


def _source(path: str, **settings: str) -> str:
    lines = {"kind": "files", "path": path, "pattern": '"F_{date:%Y%m%d}.csv"', **settings}
    return "".join(f"      {name}: {value}\n" for name, value in lines.items())


def _fill(folder: Path) -> Path:
    (folder / "in").mkdir(exist_ok=True)
    came = datetime(2023, 1, 18, 8, tzinfo=UTC).timestamp()
    for day in DAYS:
        path = folder / "in" / f"F_{day}.csv"
        path.write_text(ROWS)
        os.utime(path, (came, came))
    return folder


@pytest.fixture(scope="module")
def s3():
    with s3_server() as endpoint:
        client = s3_client(endpoint)
        client.create_bucket(Bucket="feed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for day in DAYS:
            client.put_object(Bucket="feed", Key=f"plain/F_{day}.csv", Body=ROWS.encode())
            client.put_object(Bucket="feed", Key=f"packed/F_{day}.csv.gz", Body=gzip.compress(ROWS.encode()))
        yield endpoint, client


@pytest.fixture
def keyed(monkeypatch, tmp_path):
    """The secret comes from a file, as container secrets are given."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    monkeypatch.setenv("FEED_SECRET_FILE", str(tmp_path / "secret"))
    return tmp_path


def _s3_storage(endpoint: str) -> str:
    return f"{{endpoint: '{endpoint}', region: eu-west-1, user: tester, secret: '${{FEED_SECRET}}'}}"


def _judge(config, capsys, command="check"):
    code = run([*config, command, *(["--at", AT] if command == "check" else []), "--format", "json"])
    read = capsys.readouterr()
    return code, [json.loads(line) for line in read.out.splitlines() if line.startswith("{")], read.out + read.err


def test_a_bucket_of_gzipped_csv_is_judged_and_leaves_no_credential(s3, keyed, capsys):
    endpoint, _ = s3
    storage = _s3_storage(endpoint)
    source = _source("s3://feed/packed", pattern='"F_{date:%Y%m%d}.csv.gz"', compression="gzip", storage=storage)
    config = _config(keyed, source)
    code, found, text = _judge(config, capsys)
    assert code == 0, text
    assert [run_["period"] for run_ in found[:-1]] == ["2023-01-16", "2023-01-17", "2023-01-18"]
    assert SECRET not in text
    _, _, doctor = _judge(config, capsys, "doctor")
    assert "3 deliveries in s3://feed/packed" in doctor
    assert SECRET not in doctor
    (history,) = keyed.glob("var/*.db")
    dump = "\n".join(sqlite3.connect(history).iterdump())
    assert "2023-01-17" in dump
    assert SECRET not in dump


def test_an_sftp_server_is_judged_by_its_own_key_alone(keyed, capsys):
    _fill(keyed)
    with sftp_server(keyed, keyed) as port:
        storage = "{user: tester, secret: '${FEED_SECRET}', known_hosts: known_hosts}"
        config = _config(keyed, _source(f"sftp://127.0.0.1:{port}/in", storage=storage))
        code, found, text = _judge(config, capsys)
        assert (code, len(found)) == (0, 4), text
        storage = "{user: tester, secret: '${FEED_SECRET}', known_hosts: nobody}"
        (keyed / "nobody").write_text("")
        config = _config(keyed, _source(f"sftp://127.0.0.1:{port}/in", storage=storage))
        _, _, text = _judge(config, capsys, "doctor")
        assert "key of the SFTP server is unknown" in text


def test_a_web_server_that_lists_its_folder_is_judged(tmp_path, capsys):
    with web_server(_fill(tmp_path)) as address:
        code, found, text = _judge(_config(tmp_path, _source(f"{address}/in/")), capsys)
        assert (code, len(found)) == (0, 4), text


def test_one_remote_file_of_all_periods_is_judged(s3, keyed, capsys):
    endpoint, client = s3
    rows = "day;code\n" + "".join(f"{day};A\n" for day in ("2023-01-16", "2023-01-17") for _ in range(30))
    client.put_object(Bucket="feed", Key="all/year.csv", Body=rows.encode())
    lines = {"kind": "files", "path": "s3://feed/all/year.csv", "period_column": "day"}
    source = "".join(f"      {name}: {value}\n" for name, value in lines.items())
    config = _config(keyed, f"{source}      storage: {_s3_storage(endpoint)}\n")
    code, found, text = _judge(config, capsys)
    assert (code, len(found)) == (0, 3), text


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        pytest.param(None, [], id="a delivery without its marker waits"),
        pytest.param(b"", ["unproven"], id="an empty marker says that it is complete"),
        pytest.param(hashlib.sha256(ROWS.encode()).hexdigest().encode(), ["unproven"], id="so does its SHA-256"),
        pytest.param(b"0" * 64, ["error"], id="with another SHA-256 it is unreadable"),
    ],
)
def test_a_marker_says_that_an_upload_is_done(s3, keyed, capsys, marker, expected):
    endpoint, client = s3
    folder = f"marked-{len(marker or b'x')}-{(marker or b'x')[:1].hex()}"
    client.put_object(Bucket="feed", Key=f"{folder}/F_20230116.csv", Body=ROWS.encode())
    if marker is not None:
        client.put_object(Bucket="feed", Key=f"{folder}/F_20230116.done", Body=marker)
    now = datetime.fromtimestamp(
        client.head_object(Bucket="feed", Key=f"{folder}/F_20230116.csv")["LastModified"].timestamp() + 1, UTC
    )
    source = _source(f"s3://feed/{folder}", marker='"{stem}.done"', storage=_s3_storage(endpoint))
    config = _config(keyed, source)
    run([*config, "check", "--at", now.isoformat().replace("+00:00", "Z"), "--format", "json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [one["status"] for one in found if "period" in one] == expected


def test_a_file_that_is_still_uploaded_over_sftp_is_not_judged(keyed, capsys):
    _fill(keyed)
    now = datetime(2023, 1, 18, 20, tzinfo=UTC).timestamp() - 20
    os.utime(keyed / "in/F_20230118.csv", (now, now))
    with sftp_server(keyed, keyed) as port:
        storage = "{user: tester, secret: '${FEED_SECRET}', known_hosts: known_hosts}"
        config = _config(keyed, _source(f"sftp://127.0.0.1:{port}/in", storage=storage))
        _, found, _ = _judge(config, capsys)
        assert [one["period"] for one in found[:-1]] == ["2023-01-16", "2023-01-17"]


def test_a_file_that_nearly_matches_is_named_elsewhere_too(s3, keyed, capsys):
    endpoint, client = s3
    client.put_object(Bucket="feed", Key="odd/F_20230117.CSV", Body=ROWS.encode())
    client.put_object(Bucket="feed", Key="odd/F_20230116.csv", Body=ROWS.encode())
    config = _config(keyed, _source("s3://feed/odd", storage=_s3_storage(endpoint)))
    _, _, text = _judge(config, capsys, "doctor")
    assert "F_20230117.CSV looks like a delivery" in text


@pytest.mark.parametrize(
    ("path", "storage", "said"),
    [
        pytest.param("s3://nobody/x", None, "not there on the server", id="no such bucket"),
        pytest.param("https://nohost.invalid/x", "", "name is unknown", id="no such host"),
        pytest.param("http://127.0.0.1:9/x", "", "refuses the connection", id="nothing listens"),
        pytest.param("sftp://127.0.0.1:9/x", "{user: a}", "refuses the connection", id="no SFTP server"),
    ],
)
def test_doctor_tells_the_faults_of_a_network_apart(s3, keyed, capsys, path, storage, said):
    storage = _s3_storage(s3[0]) if storage is None else storage
    config = _config(keyed, _source(path, **({"storage": storage} if storage else {})))
    _, _, text = _judge(config, capsys, "doctor")
    assert said in text
    assert SECRET not in text


def test_a_wrong_password_and_a_closed_folder_deny_access(keyed, capsys):
    _fill(keyed)
    with sftp_server(keyed, keyed) as port:
        storage = "{user: tester, secret: other, known_hosts: known_hosts}"
        config = _config(keyed, _source(f"sftp://127.0.0.1:{port}/in", storage=storage))
        assert "denies access" in _judge(config, capsys, "doctor")[2]
    with web_server(keyed) as address:
        config = _config(keyed, _source(f"{address}/secret/"))
        assert "denies access" in _judge(config, capsys, "doctor")[2]


def test_a_server_that_never_answers_is_given_up(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    accepted.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept)
        thread.start()
        path = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        code, _, text = _judge(_config(tmp_path, _source(path), "service: {listing: 3s}\n"), capsys)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in accepted:
            one.close()
    assert code == 3
    assert "within 3 seconds" in text


def test_a_download_that_differs_from_the_checksum_of_its_server_is_refused(tmp_path, capsys):
    """The server states the SHA-256 of other content, as after a fault of a disk or a proxy."""
    folder = _fill(tmp_path)
    with web_server(folder, digest="sha-256=" + "A" * 43 + "=") as address:
        _, found, text = _judge(_config(tmp_path, _source(f"{address}/in/")), capsys)
    assert {one["status"] for one in found if "period" in one} == {"error"}
    assert "another checksum than its server states" in text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("ftp://host/x", "not supported", id="an unknown scheme"),
        pytest.param("sftp://me:word@host/x", "password", id="a password in the address"),
        pytest.param("https://host/x?sig=abc", "parameters", id="a signature in the address"),
        pytest.param("https:///x", "not supported", id="no host"),
    ],
)
def test_an_address_is_checked_before_anything_connects(tmp_path, path, said):
    with pytest.raises(ConfigError, match=said):
        open_source("f", FileSource(path=path, pattern="F_{date:%Y%m%d}.csv"), root=tmp_path)


def test_a_library_that_is_not_installed_is_named_with_its_extra(tmp_path):
    before = dict(remote.SCHEMES)
    remote.SCHEMES["s3"] = Scheme("s3", "s3fs_that_nobody_has", whole=True)
    try:
        with pytest.raises(ConfigError, match=r"pip install 's3fs"):
            open_source("f", FileSource(path="s3://b/x", pattern="F_{date:%Y%m%d}.csv"), root=tmp_path)
    finally:
        remote.SCHEMES.update(before)


def test_storage_of_files_on_this_machine_is_refused(tmp_path):
    source = FileSource(path="in", pattern="F_{date:%Y%m%d}.csv", storage=RemoteAccess(user="a"))
    with pytest.raises(ConfigError, match="on this machine"):
        open_source("f", source, root=tmp_path)
