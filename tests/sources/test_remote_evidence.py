"""Evidence elsewhere: registers, references and inquiries on real servers, and faults of one set aside."""

from __future__ import annotations

import json

import pytest
from remote_servers import SECRET, s3_client, s3_server

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
    source: {{kind: files, path: "s3://proof/in", pattern: "F_{{date:%Y%m%d}}.csv", storage: {storage}}}
    key: nr
    evidence:
      references:
        - {{source: {{kind: files, path: "s3://{bucket}/reference/counts.csv", storage: {storage}}}}}
      inquiries:
        - {{source: {{kind: files, path: "s3://proof/inquiries/asked.csv", storage: {storage}}}}}
      register:
        source:
          {{kind: files, path: "s3://proof/register", pattern: "R_{{date:%Y%m%d}}.csv", storage: {storage}}}
        decided_column: decided_on
"""


def judge(folder, endpoint, bucket, capsys):
    storage = f"{{endpoint: '{endpoint}', region: eu-west-1, user: tester, secret: '${{FEED_SECRET}}'}}"
    (folder / "config.yaml").write_text(CONFIG.format(storage=storage, bucket=bucket))
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
