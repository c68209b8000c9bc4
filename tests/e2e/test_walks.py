"""A newcomer with only the README gets three kinds of feed judged: the commands are those of docs/new-feed.md."""

import gzip
import json
import re
import shlex
import zipfile
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest
from project import ROOT
from remote_servers import SECRET, s3_client, s3_server

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration


def commands(heading):
    """The commands under a heading of the page, as words without `ketenwacht`."""
    page = (ROOT / "docs" / "new-feed.md").read_text(encoding="utf-8")
    block = re.search(rf"### {heading}\n.*?```\n(.*?)```", page, re.DOTALL)
    return [shlex.split(line)[1:] for line in block[1].splitlines() if line.startswith("ketenwacht")]


def walk(words, capsys, replaced=()):
    """Run the commands of a walk; return the exit code and the objects of the last one."""
    for line in words[:-1]:
        given = [_replace(word, replaced) for word in line]
        assert run(given) == 0, capsys.readouterr()
    capsys.readouterr()
    code = run([*words[-1], "--format", "json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _replace(word, replaced):
    for old, new in replaced:
        word = word.replace(old, new)
    return word


def days(count, first=date(2025, 6, 2)):
    return [day for day in (first + timedelta(n) for n in range(2 * count)) if day.weekday() < 5][:count]


def people(chance, number, rows=45):
    kinds, places = ("build", "fell", "serve"), ("Ede", "Arnhem")
    return [
        {"nr": f"A{number * 1000 + i:07d}", "kind": str(chance.choice(kinds)), "place": str(chance.choice(places))}
        for i in range(rows)
    ]


def test_a_folder_of_daily_json_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(3)
    (tmp_path / "requests").mkdir()
    for number, day in enumerate(days(12)):
        lines = [json.dumps(person) for person in people(chance, number)]
        (tmp_path / "requests" / f"requests-{day}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    words = commands("A folder of daily JSON Lines")
    code, found = walk([*words[:-1], [*words[-1], "--at", "2025-06-18T12:00Z"]], capsys)
    assert code == 0
    assert len(found) == 13
    assert {one["status"] for one in found[:-1]} <= {"unproven", "passed", "warned"}
    config = Path("feeds/requests/config.yaml").read_text(encoding="utf-8")
    assert 'pattern: "requests-{date:%Y-%m-%d}.jsonl"' in config
    assert "mon-fri" in config


CELL, DAY = '<c r="{}"><v>{}</v></c>', '<c r="{}" s="1"><v>{}</v></c>'
TEXT = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def write_excel(path, rows):
    """Write a workbook as Excel does: dates are days since 1899 with a style."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for letter, value in zip("ABCDEFG", row, strict=False):
            place = f"{letter}{number}"
            if isinstance(value, date):
                cells.append(DAY.format(place, (value - date(1899, 12, 30)).days))
            else:
                cells.append((CELL if isinstance(value, float) else TEXT).format(place, escape(str(value))))
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = (("workbook", "sheet.main"), ("sheet1", "worksheet"), ("styles", "styles"))
    listed = "".join(f'<Override PartName="/{name}.xml" ContentType="{kind}.{word}+xml"/>' for name, word in parts)
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", f'<Types xmlns="{types}">{rels}{listed}</Types>')
        target = f'<Relationship Id="r1" Type="{DOCUMENT}/officeDocument" Target="workbook.xml"/>'
        packed.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{target}</Relationships>')
        sheets = '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets>'
        packed.writestr("workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{sheets}</workbook>')
        inner = f'<Relationship Id="r1" Type="{DOCUMENT}/worksheet" Target="sheet1.xml"/>'
        inner += f'<Relationship Id="r2" Type="{DOCUMENT}/styles" Target="styles.xml"/>'
        packed.writestr("_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{inner}</Relationships>')
        packed.writestr("styles.xml", STYLES)
        data = f"<sheetData>{''.join(lines)}</sheetData>"
        packed.writestr("sheet1.xml", f'<worksheet xmlns="{MAIN}">{data}</worksheet>')


def test_an_excel_file_a_month(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(4)
    (tmp_path / "monthly").mkdir()
    for month in range(1, 13):
        rows = [["Number", "Kind", "Received on", "Amount"]]
        rows += [
            [person["nr"], person["kind"], date(2025, month, int(chance.integers(1, 29))), chance.random() * 99]
            for person in people(chance, month)
        ]
        write_excel(tmp_path / "monthly" / f"Benefits 2025-{month:02d}.xlsx", rows)
    words = commands("An Excel file a month")
    code, found = walk([*words[:-1], [*words[-1], "--at", "2026-01-20T12:00Z"]], capsys)
    assert code == 0
    assert [one["period"] for one in found[:2]] == ["2025-01-01", "2025-02-01"]
    assert len(found) == 13
    config = Path("feeds/benefits/config.yaml").read_text(encoding="utf-8")
    assert "Benefits {date:%Y-%m}.xlsx" in config
    assert "lag: 31d" in config, "a month is delivered when it has ended"


def test_a_bucket_of_gzipped_csv(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(5)
    with s3_server() as endpoint:
        client = s3_client(endpoint)
        client.create_bucket(Bucket="arrivals", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for number, day in enumerate(days(12)):
            rows = ["nr;kind;place", *(";".join(person.values()) for person in people(chance, number))]
            packed = gzip.compress("\n".join(rows).encode("utf-8"))
            client.put_object(Bucket="arrivals", Key=f"daily/ARRIVALS_{day:%Y%m%d}.csv.gz", Body=packed)
        monkeypatch.setenv("FEED_USER", "tester")
        monkeypatch.setenv("FEED_SECRET", SECRET)
        words = commands("A bucket of gzipped CSV")
        last = [*words[-1], "--at", "2025-06-18T12:00Z"]
        code, found = walk([*words[:-1], last], capsys, [("https://s3.example.org", endpoint)])
    assert code == 0, found
    assert len(found) == 13
    config = Path("feeds/arrivals/config.yaml").read_text(encoding="utf-8")
    assert 'path: "s3://arrivals/daily"' in config
    assert "compression: gzip" in config
    assert "${FEED_SECRET}" in config
    assert SECRET not in config
