"""Samples of every shape: `init --from` finds their layout, and its result reads every delivery of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from file_shapes import workbook

from ketenwacht.cli.root import run
from ketenwacht.errors import ConfigError
from ketenwacht.measure import open_workspace
from ketenwacht.sources.sample import SampleAccess, open_sample
from ketenwacht.sources.sample_rows import load_sample
from ketenwacht.workflows.init import start_feed_from

pytestmark = pytest.mark.integration
DAYS = ("20240102", "20240103", "20240104")
PLAIN = "nr;code;note\n1;A;x\n2;B;\n3;A;z\n"


def lines(text, number):
    """Files of one text; `number` files, a day each."""
    return {f"F_{day}.csv": text for day in DAYS[:number]}


@dataclass(frozen=True)
class SampleShape:
    sentence: str
    files: Mapping[str, str | bytes]
    settings: Mapping[str, object] = field(default_factory=dict)  # that are found, beside the usual ones
    rows: int = 9
    notes: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    access: SampleAccess | None = None


def each(change: Callable[[str], str | bytes], number=3):
    return {f"F_{day}.csv": change(PLAIN) for day in DAYS[:number]}


TITLE = "Overview of permits\nmade on 2 January\n\n"
XML = "<m><head><sent>x</sent></head><p><row><nr>1</nr><code>A</code></row><row><nr>2</nr></row></p></m>"
DOCUMENT = {"meta": {"codes": [{"a": 1}]}, "data": {"items": [{"nr": "1"}, {"nr": "2"}, {"nr": "3"}]}}
SHEET = workbook([("Overview of permits",), ("nr", "code"), (1, "A"), (2, "B"), (3, "C")])
SAMPLES = [
    SampleShape("a plain file", each(str), {"delimiter": ";"}),
    SampleShape("commas", each(lambda t: t.replace(";", ",")), {"delimiter": ","}),
    SampleShape("a first line for Excel", each(lambda t: "sep=;\n" + t), {"delimiter": ";"}),
    SampleShape(
        "a first line for Excel that states a rare delimiter",
        each(lambda t: "sep=~\n" + t.replace(";", "~")),
        {"delimiter": "~"},
    ),
    SampleShape("a title above the header", each(lambda t: TITLE + t), {"skip_lines": 3}),
    SampleShape("a title in a cell of its own", each(lambda t: "Permits;;\n" + t), {"skip_lines": 1}),
    SampleShape(
        "a delimiter at the end of every line",
        each(lambda t: t.replace("\n", ";\n")),
        {"ignore_unnamed": True},
    ),
    SampleShape("a total that is narrower", each(lambda t: t + "Total;3\n"), {"skip_footer": 1}),
    SampleShape("a total after an empty line", each(lambda t: t + "\nTotal;3\n"), {"skip_footer": 2}),
    SampleShape(
        "a total as wide as a row",
        each(lambda t: t + "Totaal;;3\n"),
        {"skip_footer": 1},
        notes=("The last row of every delivery is a total",),
    ),
    SampleShape(
        "two totals at the end",
        each(lambda t: t + "Subtotal;;3\nGrand total;;3\n"),
        {"skip_footer": 2},
        notes=("Every delivery ends in totals",),
    ),
    SampleShape(
        "a total in one file alone is a record, and is named",
        {**each(str), "F_20240105.csv": PLAIN + "Total;;3\n"},
        rows=13,
        notes=("1 of 13 rows look like totals, and count as records.",),
    ),
    SampleShape(
        "totals in between are records, and are named",
        each(lambda t: t.replace("2;B", "Totaal A;;1\n2;B")),
        rows=12,
        notes=("3 of 12 rows look like totals, and count as records.",),
    ),
    SampleShape(
        "a header that is repeated",
        each(lambda t: t + t),
        {"skip_repeated_header": True},
        rows=18,
        notes=("3 of 21 rows repeat the header, and are left out.",),
    ),
    SampleShape(
        "different delimiters",
        {**each(str, 2), "F_20240104.csv": PLAIN.replace(";", ",")},
        {"delimiter": None},
        notes=("different delimiters",),
    ),
    SampleShape(
        "an empty file",
        {**each(str), "F_20240105.csv": ""},
        notes=("1 of 4 files, such as `F_20240105.csv`. The file is empty",),
    ),
    SampleShape(
        "another encoding is left out, and never read as something else",
        {**each(lambda t: t.replace("x", "é")), "F_20240101.csv": PLAIN.replace("x", "é").encode("cp1252")},
        {"encoding": "utf-8"},
        notes=("1 of 4 files, such as `F_20240101.csv`. It is not in utf-8",),
    ),
    SampleShape(
        "the newest is in ASCII, and an older one tells the encoding",
        {**each(str), "F_20240101.csv": PLAIN.replace("x", "é").encode("cp1252")},
        {"encoding": "windows-1252"},
        rows=12,
    ),
    SampleShape(
        "a title in one file alone",
        {**each(str), "F_20240101.csv": TITLE + PLAIN},
        notes=("1 of 4 files, such as `F_20240101.csv`. It has other lines above its header",),
    ),
    SampleShape(
        "a delivery without rows",
        {**each(str), "F_20240101.csv": "nr;code;note\n"},
        notes=("1 of 4 deliveries has no rows",),
    ),
    SampleShape(
        "another ending",
        {**each(str), "F_20240101.CSV": PLAIN},
        notes=("1 file nearly matches `pattern`, and is not read: `F_20240101.CSV`.",),
    ),
    SampleShape(
        "a column that comes later",
        {**each(str), "F_20240105.csv": "nr;code;note;new\n1;A;x;y\n"},
        rows=10,
        optional=("new",),
        notes=("1 column is absent from some deliveries",),
    ),
    SampleShape(
        "compressed",
        {f"F_{day}.csv.gz": gzip.compress(PLAIN.encode()) for day in DAYS},
        {"compression": "gzip"},
    ),
    SampleShape("XML", {f"F_{day}.xml": XML for day in DAYS}, {"row_path": "m/p/row"}, rows=6),
    SampleShape(
        "an array inside a document",
        {f"F_{day}.json": json.dumps(DOCUMENT) for day in DAYS},
        {"row_path": "data.items"},
    ),
    SampleShape("a title in Excel", {f"F_{day}.xlsx": SHEET for day in DAYS}, {"skip_lines": 1}),
    SampleShape(
        "no header, as the user says",
        {f"F_{day}.csv": "1;A\n2;B\n3;C\n" for day in DAYS},
        {"delimiter": ";"},
        access=SampleAccess(given={"header": False, "columns": ("nr", "code")}),
    ),
    SampleShape(
        "fixed width, as the user says",
        {f"F_{day}.dat": "1  A\n2  B\n3  C\n" for day in DAYS},
        access=SampleAccess(given={"reader": "fixed-width", "widths": {"nr": 3, "code": 1}}),
    ),
    SampleShape(
        "fixed width with a total",
        {f"F_{day}.txt": "1  A\n2  B\n3  C\nTotal 3\n" for day in DAYS},
        access=SampleAccess(given={"reader": "fixed-width", "widths": {"nr": 3, "code": 4}, "skip_footer": 1}),
    ),
]


@pytest.mark.parametrize("shape", SAMPLES, ids=lambda shape: shape.sentence)
def test_the_layout_of_a_sample_is_found(shape, tmp_path):
    for name, content in shape.files.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with open_workspace() as room, open_sample(str(tmp_path), shape.access) as sample:
        loaded = load_sample(sample, room)
        rows = room.execute("SELECT COUNT(*) FROM delivery").fetchone()[0]
    found = {name: getattr(loaded.sample.source, name) for name in shape.settings}
    assert found == shape.settings
    assert rows == shape.rows
    assert loaded.optional == shape.optional
    assert len(loaded.notes) == len(shape.notes)
    for note, expected in zip(loaded.notes, shape.notes, strict=True):
        assert expected in note


def test_a_sample_that_cannot_be_read_says_how_it_could(tmp_path):
    for day in DAYS:
        (tmp_path / f"F_{day}.csv").write_text("1;A\n2;B\n3;C\n")
    with (
        open_workspace() as room,
        open_sample(str(tmp_path)) as sample,
        pytest.raises(ConfigError, match="3 of 3 files cannot be read") as fault,
    ):
        load_sample(sample, room)
    assert "--source header=false" in fault.value.mend


ODD = "Overview\n\nnr;wijk;code\n{}\n\nTotaal;{};\n"


@pytest.mark.parametrize("key", ["nr,wijk", "nr"])
def test_the_result_judges_its_own_sample(key, tmp_path, capsys):
    for day in range(1, 13):
        rows = "\n".join(f"{number // 2:04d};{'NZ'[number % 2]};{'AB'[number % 3 > 0]}" for number in range(60))
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"F_202401{day:02d}.csv").write_text(ODD.format(rows, 60))
    given = ["init", str(tmp_path / "feed"), "--from", str(tmp_path / "in"), "--key", key]
    assert run(given) == 0
    written = (tmp_path / "feed" / "config.yaml").read_text()
    assert "skip_lines: 2" in written
    assert "skip_footer: 1" in written
    if key == "nr":
        assert "\n    key: nr # as given" in written
        assert "the key `nr` repeats within a delivery" in capsys.readouterr().out
        return
    assert "\n    key: [nr, wijk] # as given" in written
    config = str(tmp_path / "feed" / "config.yaml")
    assert run(["-c", config, "lint"]) == 0
    store = f"history=sqlite:///{tmp_path / 'h.db'}"
    assert run(["-c", config, "--set", store, "replay", "--from", "2024-01-01", "--to", "2024-01-12"]) == 0


def test_totals_among_the_rows_are_named_where_they_leave_no_period(tmp_path):
    days = "".join(f"2024-01-{day:02};A;{day}\n" for day in range(1, 21))
    sample = tmp_path / "counts.csv"
    sample.write_text("datum;plaats;aantal\n" + days + "Subtotaal;;210\n" + days.replace("A", "B"))
    with pytest.raises(ConfigError, match=r"1 of 41 rows hold none.*1 of 41 rows look like totals"):
        start_feed_from(tmp_path / "feed", str(sample))
    assert not (tmp_path / "feed").exists()
