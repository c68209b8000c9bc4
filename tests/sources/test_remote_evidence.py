"""Evidence elsewhere: registers, references and inquiries on real servers, and faults of one set aside."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from remote_servers import SECRET, s3_client, s3_server, sftp_server, web_server

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration
AT = "2023-01-20T20:00Z"
DAYS = ("20230116", "20230117", "20230118")
ROWS = "nr;code;decided_on\n" + "".join(f"{number:04d};A;2023-01-02\n" for number in range(40))
REGISTER = ROWS + "".join(f"{number:04d};A;2022-12-01\n" for number in range(900, 930))
REFERENCE = (
    "period_from;period_to;count;uncertainty;published_on;source\n"
    "2023-01-16;2023-01-18;120;0.01;2023-01-19;Office of statistics\n"
)
INQUIRY = "date;outcome\n2023-01-17;should_have_been_sent\n"
PLACES = {
    "reference": "reference/counts.csv",
    "inquiries": "inquiries/asked.csv",
    "register": "register/R_20230119.csv",
}


@pytest.fixture(scope="module")
def s3():
    with s3_server() as endpoint:
        client = s3_client(endpoint)
        client.create_bucket(Bucket="proof", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for day in DAYS:
            client.put_object(Bucket="proof", Key=f"in/F_{day}.csv", Body=ROWS.encode())
        bodies = {"reference": REFERENCE, "inquiries": INQUIRY, "register": REGISTER}
        for name, key in PLACES.items():
            client.put_object(Bucket="proof", Key=key, Body=bodies[name].encode())
        yield endpoint


CONFIG = """
version: 1
feeds:
  persons:
    source: {{kind: files, path: "{base}/in/", pattern: "F_{{date:%Y%m%d}}.csv", storage: {storage}}}
    key: nr
    evidence:
      references:
        - {{source: {{kind: files, path: "{reference}/reference/counts.csv", storage: {storage}}}}}
      inquiries:
        - {{source: {{kind: files, path: "{base}/inquiries/asked.csv", storage: {storage}}}}}
      register:
        source:
          {{kind: files, path: "{base}/register/", pattern: "R_{{date:%Y%m%d}}.csv", storage: {storage}}}
        decided_column: decided_on
"""


def judge(folder, endpoint, bucket, capsys):
    storage = f"{{endpoint: '{endpoint}', region: eu-west-1, user: tester, secret: '${{FEED_SECRET}}'}}"
    return judge_at(folder, "s3://proof", storage, capsys, reference=f"s3://{bucket}")


def judge_at(folder, base, storage, capsys, reference=None):
    (folder / "config.yaml").write_text(CONFIG.format(base=base, storage=storage, reference=reference or base))
    config = ["-c", str(folder / "config.yaml"), "--set", f"history=sqlite:///{folder / 'h.db'}"]
    assert run([*config, "lint"]) == 0, capsys.readouterr().out
    capsys.readouterr()
    code = run([*config, "check", "--at", AT, "--format", "json"])
    read = capsys.readouterr()
    assert SECRET not in read.out + read.err
    runs = [json.loads(line) for line in read.out.splitlines() if line.startswith("{")]
    return code, [result for one in runs for result in one.get("results", ())]


@pytest.fixture
def secret(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text(SECRET + "\n")
    monkeypatch.setenv("FEED_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("KETENWACHT_KEY", "k" * 40)


def test_evidence_in_a_bucket_counts(s3, tmp_path, secret, capsys):
    _, results = judge(tmp_path, s3, "proof", capsys)
    last = {result["check"]: result for result in results}
    assert last["reconciliation.missing"]["missing"]["value"] == 30
    assert last["reference"]["code"] == "reference.quiet"
    assert last["inquiries"]["code"] != "inquiries.none"


def test_evidence_that_cannot_be_reached_is_set_aside(s3, tmp_path, secret, capsys):
    code, results = judge(tmp_path, s3, "absent", capsys)
    assert code in {1, 3}
    last = {result["check"]: result for result in results}
    assert last["reconciliation.missing"]["missing"]["value"] == 30
    assert last["reference"]["code"] == "reference.none"
    config = ["-c", str(tmp_path / "config.yaml"), "--set", f"history=sqlite:///{tmp_path / 'h.db'}"]
    run([*config, "findings", "list", "--format", "json"])
    listed = json.loads(capsys.readouterr().out)["findings"]
    assert "cannot-judge" in {finding["nature"] for finding in listed}, [(f["check"], f["nature"]) for f in listed]


SFTP = "{user: tester, secret: '${FEED_SECRET}', known_hosts: known_hosts}"
NOW = datetime(2023, 1, 20, 20, tzinfo=UTC)


def fill(folder: Path) -> Path:
    """Write the deliveries and the evidence into a folder that a server shows, a day before they are judged."""
    bodies = {"reference": REFERENCE, "inquiries": INQUIRY, "register": REGISTER}
    files = {f"in/F_{day}.csv": ROWS for day in DAYS} | {PLACES[name]: text for name, text in bodies.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        touch(path, timedelta(days=2 if name.startswith("in/") else 1))
    return folder


def touch(path: Path, ago: timedelta) -> None:
    moment = (NOW - ago).timestamp()
    os.utime(path, (moment, moment))


def assert_all_evidence_counts(results):
    last = {result["check"]: result for result in results}
    assert last["reconciliation.missing"]["missing"]["value"] == 30
    assert last["reference"]["code"] == "reference.quiet"
    assert last["inquiries"]["code"] != "inquiries.none"


def test_evidence_over_sftp_counts(tmp_path, secret, capsys):
    with sftp_server(fill(tmp_path), tmp_path) as port:
        _, results = judge_at(tmp_path, f"sftp://127.0.0.1:{port}", SFTP, capsys)
    assert_all_evidence_counts(results)


def test_evidence_of_a_web_server_counts(tmp_path, secret, capsys):
    with web_server(fill(tmp_path)) as address:
        _, results = judge_at(tmp_path, address, "{}", capsys)
    assert_all_evidence_counts(results)


def test_a_register_that_is_still_uploaded_over_sftp_waits(tmp_path, secret, capsys):
    fill(tmp_path)
    touch(tmp_path / PLACES["register"], timedelta(seconds=20))
    with sftp_server(tmp_path, tmp_path) as port:
        _, results = judge_at(tmp_path, f"sftp://127.0.0.1:{port}", SFTP, capsys)
    last = {result["check"]: result for result in results}
    assert "missing" not in last.get("reconciliation.missing", {})
    assert last["reference"]["code"] == "reference.quiet"


def test_evidence_with_another_checksum_than_its_server_states_is_set_aside(tmp_path, secret, capsys):
    with web_server(fill(tmp_path), digest="sha-256=" + "A" * 43 + "=") as address:
        text = CONFIG.replace('path: "{base}/in/"', "path: in").replace(
            ", storage: {storage}}}\n    key", "}}\n    key"
        )
        (tmp_path / "config.yaml").write_text(text.format(base=address, storage="{}", reference=address))
        config = ["-c", str(tmp_path / "config.yaml"), "--set", f"history=sqlite:///{tmp_path / 'h.db'}"]
        run([*config, "check", "--at", AT, "--format", "json"])
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    last = {one["check"]: one for each in runs for one in each.get("results", ())}
    assert last["reference"]["code"] == "reference.none"
    assert "missing" not in last.get("reconciliation.missing", {})
