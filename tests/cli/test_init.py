"""`ketenwacht init`: what it writes passes lint, judges its sample, and tells nothing of anybody."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from datetime import date, datetime, timedelta

import duckdb
import pytest

from ketenwacht.cli.root import run

FIRST = date(2024, 1, 1)
GROUPS = ("north", "south", "east")
SECRET = "Zyxwvut"  # what no output may hold


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def people(days=40, a_day=9):
    """One row a person: an id, a group, a birth date, a name, and a sponsor where the group asks for one."""
    for n in range(days):
        day = FIRST + timedelta(days=n)
        for i in range(a_day):
            group = GROUPS[i % 3]
            yield {
                "reported_on": day.isoformat(),
                "line": str(i + 1),
                "person_number": f"{9_000_000_000 + n * 100 + i}",
                "group": group,
                "born_on": f"19{40 + (n + i) % 60}-03-{1 + i:02d}",
                "moved_on": f"19{40 + (n * 7 + i) % 60}0300",
                "family_name": SECRET + chr(97 + i),
                "sponsor": f"S{i:05d}" if group == "south" else "",
                "postcode": f"{1000 + n}AB" if n % 7 else "",
            }


def as_csv(path, rows):
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def suite(folder, name):
    listed = json.loads((folder / "expectations" / f"{name}.json").read_text())["expectations"]
    return {one["meta"]["check_id"]: one for one in listed}


def lint(folder):
    return run(["-c", str(folder / "config.yaml"), "lint"])


def test_an_empty_start_passes_lint(tmp_path, capsys):
    assert run(["init", "new"]) == 0
    assert "new/checks/my_feed.yaml" in capsys.readouterr().out
    assert lint(tmp_path / "new") == 0
    assert (tmp_path / "new/config.yaml").read_text().startswith("# yaml-language-server: $schema=schemas/")


@pytest.mark.parametrize(
    ("sentence", "encoding", "layout"),
    [
        ("a file of an older system", "windows-1252", "%Y-%m-%d"),
        ("a file with a byte order mark", "utf-8-sig", "%Y-%m-%d"),
        ("UTF-16 with its mark", "utf-16", "%Y-%m-%d"),
        ("UTF-16 without one", "utf-16-le", "%Y-%m-%d"),
        ("UTF-16, big end first", "utf-16-be", "%Y-%m-%d"),
        ("dates as registers write them", "utf-8", "%Y%m%d"),
    ],
)
def test_an_odd_file_is_set_up_and_judged(tmp_path, capsys, sentence, encoding, layout):
    days = [date(2024, 1, 1) + timedelta(day) for day in range(30)]
    rows = [f"{day:{layout}};{region}" for day in days for region in ("Curaçao", "Zeeland") for _ in range(5)]
    (tmp_path / "odd.csv").write_text("\r\n".join(["at;left", *rows, ""]), encoding=encoding, newline="")
    assert run(["init", "new", "--from", "odd.csv"]) == 0
    assert lint(tmp_path / "new") == 0
    capsys.readouterr()
    assert run(["-c", "new/config.yaml", "--format", "json", "check", "--at", "2024-01-03T23:00Z"]) == 0
    *runs, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["period"] for one in runs] == ["2024-01-01", "2024-01-02"]
    assert {r["status"] for one in runs for r in one["results"]} <= {"passed", "skipped", "unproven"}


def rows_of(layout, days=30):
    """Two rows a region and day, the day written in `layout`; a birth date in it too, of two rows in three."""
    for n in range(days):
        for i, region in enumerate(("North", "North", "South", "South") * 3):
            day = date(2024, 1, 1) + timedelta(n)
            yield {"at": f"{day:{layout}}", "region": region, "born": f"{date(1980, 2, 14 + i % 2):{layout}}"}


def as_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def as_parquet(path, rows):
    as_jsonl(path.with_suffix(".rows"), rows)
    text = "{'at': 'VARCHAR', 'region': 'VARCHAR', 'born': 'VARCHAR'}"
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM read_json('{path.with_suffix('.rows')}', columns={text})) TO '{path}'")
    return str(path)


def as_table(path, rows):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE odd (at TEXT, region TEXT, born TEXT)")
        db.executemany("INSERT INTO odd VALUES (:at, :region, :born)", rows)
        db.commit()
    return f"sqlite:///{path.name}#odd"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("sentence", "write", "name", "layout"),
    [
        ("as the Dutch write it", lambda path, rows: str(as_csv(path, rows)), "odd.csv", "%d-%m-%Y"),
        ("as Americans write it", as_jsonl, "odd.jsonl", "%m/%d/%Y"),
        ("as Germans write it", as_parquet, "odd.parquet", "%d.%m.%Y"),
        ("in a table, with a time of day", as_table, "odd.db", "%d/%m/%Y %H:%M"),
    ],
)
def test_dates_as_people_write_them_are_set_up_and_judged(tmp_path, capsys, sentence, write, name, layout):
    sample = write(tmp_path / name, rows_of(layout))
    assert run(["init", "new", "--from", sample]) == 0
    written = "".join(path.read_text() for path in (tmp_path / "new").rglob("*.*") if path.is_file())
    assert f'period_format: "{layout}"' in written
    assert "key:" not in written.replace("# key:", "")
    assert "1980" not in written + capsys.readouterr().out  # a birth date is never quoted, however it is written
    assert lint(tmp_path / "new") == 0
    capsys.readouterr()
    assert run(["-c", "new/config.yaml", "--format", "json", "check", "--at", "2024-01-15T23:00Z"]) == 0
    *runs, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["period"] for one in runs] == [f"2024-01-{day:02d}" for day in range(1, 15)]
    assert {r["status"] for one in runs for r in one["results"]} <= {"passed", "skipped", "unproven"}


@pytest.mark.integration
def test_moments_hardly_ever_repeat_and_are_periods_all_the_same(tmp_path, capsys):
    seconds = (datetime(2024, 1, 1) + timedelta(minutes=n) for n in range(21_000))  # noqa: DTZ001 - as it is written
    (tmp_path / "moments.csv").write_text("at;n\n" + "".join(f"{at:%Y-%m-%d %H:%M:%S};1\n" for at in seconds))
    assert run(["init", "new", "--from", "moments.csv"]) == 0
    assert "period: at (every row holds a period in at, 15 in all)" in capsys.readouterr().out


def test_what_no_row_decides_is_asked(tmp_path, capsys):
    as_csv(tmp_path / "odd.csv", rows_of("%d-%m-%Y", days=12))
    assert run(["init", "new", "--from", "odd.csv"]) == 2
    said = capsys.readouterr().err
    assert '--period-format "%d-%m-%Y" or "%m-%d-%Y"' in said
    assert "01-2024" not in said
    assert not (tmp_path / "new").exists()
    assert run(["init", "new", "--from", "odd.csv", "--period-format", "%d-%m-%Y"]) == 0
    assert 'period_format: "%d-%m-%Y"' in (tmp_path / "new/config.yaml").read_text()


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path, capsys):
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations/my_feed.json").write_text("mine")
    assert run(["init"]) == 2
    assert "expectations/my_feed.json" in capsys.readouterr().err
    assert not (tmp_path / "config.yaml").exists()
    assert (tmp_path / "expectations/my_feed.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("sentence", "arguments", "said"),
    [
        ("a file that is not there", ["--from", "none.csv"], "no such file"),
        ("a kind of file that is not read", ["--from", "book.docx"], ".docx"),
        ("a database without a table", ["--from", "sqlite:///rows.db"], "URL#table"),
        ("a table that is not there", ["--from", "sqlite:///rows.db#none"], "cannot be read"),
        ("a sample without periods", ["--from", "flat.csv"], "no column holds a period"),
        ("a name with a space", ["--feed", "my feed"], "name for a feed"),
        ("a layout that is none", ["--from", "flat.csv", "--period-format", "dd-mm"], "not a format of periods"),
        ("a layout of no sample", ["--period-format", "%d-%m-%Y"], "no sample"),
    ],
)
def test_what_cannot_be_a_sample_is_said(tmp_path, capsys, sentence, arguments, said):
    (tmp_path / "book.docx").write_text("x")
    (tmp_path / "flat.csv").write_text("a;b\nx;y\n")
    assert run(["init", "new", *arguments]) in {2, 3}
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.integration
def test_a_sample_of_persons_becomes_a_feed_that_tells_nothing_of_them(tmp_path, capsys):
    as_csv(tmp_path / "people.csv", people())
    assert run(["init", "new", "--from", "people.csv"]) == 0
    told = capsys.readouterr().out
    written = "".join(path.read_text() for path in (tmp_path / "new").rglob("*.*") if path.is_file())
    values = {value for row in people() for name, value in row.items() if name not in {"group", "line"} and value}
    days = {str(FIRST), str(FIRST + timedelta(days=39))}  # the range of the periods is no person's
    assert not {value for value in values - days if value in told + written}
    assert SECRET not in told + written
    assert lint(tmp_path / "new") == 0


@pytest.mark.integration
def test_what_a_sample_speaks_for_is_suggested(tmp_path):
    as_csv(tmp_path / "people.csv", people())
    assert run(["init", "new", "--from", "people.csv"]) == 0
    config = (tmp_path / "new/config.yaml").read_text()
    assert "period_column: reported_on" in config
    assert 'schedule: {cron: "0 9 * * *", grace: 12h, lag: 1d}' in config
    assert "segments: [[], [group]]" in config
    assert "\n    key: person_number" in config
    rules = suite(tmp_path / "new", "people")
    assert rules["group-known"]["kwargs"]["value_set"] == sorted(GROUPS)
    assert rules["person_number-form"]["kwargs"]["regex"] == r"^\d{10}$"
    assert rules["person_number-unique"]["severity"] == "critical"
    assert rules["born_on-range"]["kwargs"] == {
        "column": "born_on",
        "min_value": "1940-01-01",
        "max_value": {"$PARAMETER": "delivery_date"},
    }
    assert rules["sponsor-with-group"]["kwargs"]["row_condition"]["parameter"] == ["south"]
    assert "moved_on-unique" not in rules  # dates that differ by chance
    assert "postcode-present" not in rules
    assert "family_name-form" not in rules
    assert all(rule["meta"]["reason"] for rule in rules.values())


@pytest.mark.e2e
def test_what_is_suggested_judges_the_sample(tmp_path, capsys):
    as_csv(tmp_path / "people.csv", people(days=8))
    assert run(["init", "new", "--from", "people.csv"]) == 0
    capsys.readouterr()
    config = str(tmp_path / "new/config.yaml")
    assert run(["-c", config, "replay", "--from", "2024-01-01", "--to", "2024-01-08", "--format", "json"]) == 0
    *runs, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["period"] for one in runs] == [
        f"2024-01-{n:02d}" for n in range(1, 8)
    ]  # the eighth is due on the 9th
    assert {one["status"] for one in runs} == {"unproven"}  # nobody but the feed speaks for it
    assert last["incidents"] == []


@pytest.mark.integration
@pytest.mark.parametrize(
    ("sentence", "step", "days", "said"),
    [
        ("every day", timedelta(days=1), 30, 'cron: "0 9 * * *"'),
        ("every Monday", timedelta(days=7), 12, 'cron: "0 9 * * mon"'),
        ("at no rhythm", timedelta(days=5), 12, "are not regular"),
    ],
)
def test_counts_and_their_rhythm_are_recognised(tmp_path, sentence, step, days, said):
    rows = [
        {"day": str(FIRST + n * step), "group": g, "cases": str(7 * n + 3)} for n in range(days) for g in GROUPS
    ]
    as_csv(tmp_path / "counts.csv", rows)
    assert run(["init", "new", "--from", "counts.csv", "--feed", "arrivals"]) == 0
    config = (tmp_path / "new/config.yaml").read_text()
    assert said in config
    assert "count_column: cases" in config
    assert "\n    key:" not in config  # counts are nobody's
    assert lint(tmp_path / "new") == 0


@pytest.mark.integration
def test_a_file_with_a_date_in_its_name_is_one_delivery_of_many(tmp_path):
    (tmp_path / "in").mkdir()
    for n in range(12):
        day = FIRST + timedelta(days=n)
        if day.weekday() < 5:
            rows = [{k: v for k, v in row.items() if k != "reported_on"} for row in people(days=1, a_day=60)]
            as_csv(tmp_path / f"in/FEED_{day:%Y%m%d}_{n:06d}.csv", rows)
    assert run(["init", "new", "--from", "in/FEED_20240102_000001.csv"]) == 0
    config = (tmp_path / "new/config.yaml").read_text()
    assert 'pattern: "FEED_{date:%Y%m%d}_{sequence:06d}.csv"' in config
    assert "path: ../in" in config or 'path: "../in"' in config
    assert 'cron: "0 18 * * mon-fri"' in config
    assert "period_column" not in config
    assert lint(tmp_path / "new") == 0


@pytest.mark.integration
def test_a_table_is_a_sample_too_and_its_path_stays_right(tmp_path, capsys):
    with sqlite3.connect(tmp_path / "rows.db") as db:
        db.execute("CREATE TABLE arrivals (day DATE, person TEXT, grp TEXT)")
        rows = [(r["reported_on"], r["person_number"], r["group"]) for r in people()]
        db.executemany("INSERT INTO arrivals VALUES (?, ?, ?)", rows)
    db.close()
    assert run(["init", "new", "--from", "sqlite:///rows.db#arrivals"]) == 0
    assert "sqlite:///../rows.db" in (tmp_path / "new/config.yaml").read_text()
    assert lint(tmp_path / "new") == 0
    capsys.readouterr()
    config = str(tmp_path / "new/config.yaml")
    assert run(["-c", config, "check", "--at", "2024-01-03T12:00Z", "--format", "json"]) == 0
    *runs, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["period"] for one in runs] == ["2024-01-01", "2024-01-02"]
    written = (tmp_path / "new/config.yaml").read_text()
    assert "    # engine: sql " in written
    in_place = tmp_path / "new/in_place.yaml"
    in_place.write_text(written.replace("# engine: sql", "engine: sql").replace("history.db", "in_place.db"))
    assert run(["-c", str(in_place), "check", "--at", "2024-01-03T12:00Z", "--format", "json"]) == 0
    *again, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["results"] for one in again] == [one["results"] for one in runs]


@pytest.mark.parametrize(("days", "shown"), [(1, "<10 rows"), (40, "360 rows"), (39, "350 rows")])
def test_how_many_rows_a_sample_has_is_told_as_every_count_of_persons(tmp_path, capsys, days, shown):
    assert run(["init", str(tmp_path), "--from", str(as_csv(tmp_path / "s.csv", people(days)))]) == 0
    assert f"sample: {shown}" in capsys.readouterr().out


def deliver(folder, days=40):
    folder.mkdir()
    for number in range(days):
        day = date(2024, 1, 1) + timedelta(number)
        rows = [f"A{number:03d}{i:04d};{'abc'[i % 3]};{'mv'[i % 2]};{i % 7}" for i in range(30)]
        (folder / f"F_{day:%Y%m%d}.csv").write_text("\n".join(["zaak;soort;geslacht;aantal, x", *rows]) + "\n")


@pytest.mark.integration
@pytest.mark.parametrize("sample", ["in", "in/*.csv", "in/F_20240103.csv"], ids=["folder", "glob", "file"])
def test_deliveries_beside_the_sample_are_learnt_from_too(tmp_path, capsys, sample):
    deliver(tmp_path / "in")
    (tmp_path / "in/readme.csv").write_text("x")
    assert run(["init", "new", "--from", sample, "--feed", "feed"]) == 0
    told = capsys.readouterr().out
    assert "1,200 rows" in told
    config = (tmp_path / "new/config.yaml").read_text()
    assert 'delimiter: ";"' in config
    assert "encoding: utf-8" in config
    assert "key: zaak" in config.replace('"', "")
    assert "[soort]" in config.replace('"', "")
    assert "segments: [soort]" in (tmp_path / "new/checks/feed.yaml").read_text().replace('"', ""), "not by sex"
    assert run(["-c", "new/config.yaml", "lint"]) == 0
    assert run(["-c", "new/config.yaml", "check", "--at", "2024-02-09T20:00Z"]) == 0


@pytest.mark.integration
def test_what_nearly_was_a_setting_is_explained(tmp_path, capsys):
    days = [date(2024, 1, 1) + timedelta(number) for number in range(30)]
    rows = [f"{day};{kind};{'n/a' if i == 3 else 100 + i}" for i, day in enumerate(days) for kind in "ab"]
    (tmp_path / "flat.csv").write_text("\n".join(["dag;soort;aantal", *rows]) + "\n")
    assert run(["init", "new", "--from", "flat.csv"]) == 0
    assert "`aantal` is no count: 2 of 60 rows are not whole numbers" in capsys.readouterr().out


@pytest.mark.integration
def test_what_the_user_knows_is_taken(tmp_path, capsys):
    deliver(tmp_path / "in", days=5)
    given = ["--from", "in", "--key", "soort", "--delimiter", ";"]
    assert run(["init", "new", *given]) == 0
    assert "soort (as given)" in capsys.readouterr().out
    assert run(["init", "other", "--from", "in", "--key", "none"]) == 2
    assert "there is no column `none`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("locale", "options", "language"),
    [
        ({}, [], "en"),
        ({"LANG": "C.UTF-8"}, [], "en"),
        ({"LANG": "nl_NL.UTF-8"}, [], "nl"),
        ({"LANG": "nl_NL.UTF-8", "LC_ALL": "en_GB.UTF-8"}, [], "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": "nl_BE"}, [], "nl"),
        ({"LANG": "nl_NL.UTF-8"}, ["--language", "en"], "en"),
        ({}, ["--language", "nl"], "nl"),
    ],
)
@pytest.mark.parametrize("begin", [[], ["--template", "weekly-counts"], ["--from", "sample.csv"]])
def test_alerts_are_in_the_language_of_the_locale_or_of_the_option(
    begin, locale, options, language, tmp_path, monkeypatch
):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    as_csv(tmp_path / "sample.csv", people())
    assert run(["init", "new", *begin, *options]) == 0
    assert f"  language: {language} # nl | en\n" in (tmp_path / "new/config.yaml").read_text(encoding="utf-8")


def test_a_language_without_texts_is_refused(capsys):
    assert run(["init", "new", "--language", "fr"]) == 2
    assert "'fr' is not one of 'en', 'nl'" in capsys.readouterr().err
