"""Finding, verifying and loading from a folder."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from ketenwacht.domain.delivery import DeliveryKind, Presence
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import ConfigError

from .conftest import AT, DAY, NAME, ROWS, only

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_a_delivery_with_its_manifest_is_found_verified_and_loaded(manifested):
    manifested.put()
    manifested.put_manifest()
    reader = manifested.reader()
    found = only(reader.find(AT))
    assert (found.id, found.period, found.presence, found.sha256) == ("000001", DAY, Presence.READ, None)
    assert found.arrived_at == datetime(2022, 1, 3, 5, tzinfo=UTC)
    verified = reader.verify(found)
    assert (verified.size, verified.sha256) == (len(ROWS), found.manifest.sha256)
    with duckdb.connect(":memory:") as con:
        assert reader.load(verified, con) == (Column("key", "text"), Column("group", "text"))
        assert con.execute("SELECT * FROM delivery ORDER BY 1").fetchall() == [
            ("0000000001", "a"),
            ("0000000002", "b"),
        ]


def test_without_a_manifest_a_delivery_arrived_when_its_file_was_written(folder):
    folder.put(age=HOUR)
    found = only(folder.reader().find(AT))
    assert (found.arrived_at, found.manifest, found.kind) == (AT - HOUR, None, DeliveryKind.MUTATION)


def test_a_file_written_after_the_moment_asked_for_does_not_tell_when_it_arrived(folder):
    folder.put(age=-HOUR)
    assert only(folder.reader().find(AT)).arrived_at is None


@pytest.mark.parametrize(
    ("data_age", "manifest_age", "problem"),
    [
        pytest.param(MINUTE, None, ..., id="data a minute old waits for its manifest"),
        pytest.param(
            2 * HOUR, None, Statement("delivery.manifest_missing"), id="data two hours old waits no more"
        ),
        pytest.param(None, MINUTE, ..., id="a manifest a minute old waits for its data"),
        pytest.param(
            None, 2 * HOUR, Statement("delivery.data_missing"), id="a manifest two hours old waits no more"
        ),
        pytest.param(-HOUR, None, Statement("delivery.manifest_missing"), id="in a replay nothing is waited for"),
        pytest.param(MINUTE, MINUTE, None, id="both are there, however young"),
    ],
)
def test_half_a_delivery(manifested, data_age, manifest_age, problem):
    if data_age is not None:
        manifested.put(age=data_age)
    if manifest_age is not None:
        manifested.put_manifest(age=manifest_age)
    manifested.path.mkdir(exist_ok=True)
    found = manifested.reader().find(AT)
    assert (only(found).problem if found else ...) == problem
    if found:
        assert found[0].read == (problem is None)


def test_a_file_that_may_still_grow_is_left_out_when_quiet_is_asked_for(folder):
    folder.put(age=timedelta(seconds=5))
    assert folder.reader().find(AT, quiet=timedelta(seconds=10)) == ()
    assert len(folder.reader().find(AT, quiet=timedelta(seconds=4))) == 1


def test_deliveries_come_in_order_of_period_then_sequence(folder):
    for name in ("FEED_20220104_000010.csv", "FEED_20220104_000009.csv", "FEED_20220103_000011.csv"):
        folder.put(name)
    assert [d.id for d in folder.reader().find(AT)] == ["000011", "000009", "000010"]


def test_two_files_with_one_id_are_both_kept_and_told_apart(folder):
    folder.put("FEED_20220103_000001.csv")
    folder.put("FEED_20220104_000001.csv", b"key;group\n")
    reader = folder.reader()
    first, second = (reader.verify(found) for found in reader.find(AT))
    assert first.id == second.id
    assert first.sha256 != second.sha256


def test_a_name_without_a_date_takes_its_period_from_the_manifest(manifested):
    manifested.put("FEED_x_000001.csv")
    manifested.put_manifest("FEED_x_000001.csv", periode={"van": "2022-01-01", "tot": "2022-01-31"})
    reader = manifested.reader(pattern="FEED_x_{sequence:06d}.csv")
    found = only(reader.find(AT))
    assert (found.id, found.period) == ("000001", date(2022, 1, 31))
    assert reader.verify(found).read


def test_a_name_without_a_date_and_a_manifest_without_a_period_is_unreadable(manifested):
    manifested.put("FEED_x_000001.csv")
    manifested.put_manifest("FEED_x_000001.csv", periode=...)
    found = only(manifested.reader(pattern="FEED_x_{sequence:06d}.csv").find(AT))
    assert found.problem == Statement("delivery.manifest_no_period", {"field": Name("periode.tot")})


def test_the_id_is_the_date_where_a_name_has_no_sequence(folder):
    folder.put("20220103.csv")
    assert only(folder.reader(pattern="{date:%Y%m%d}.csv").find(AT)).id == "2022-01-03"


def test_a_name_with_a_time_of_day_tells_two_deliveries_of_a_day_apart(folder):
    folder.put("F_20220103T0700.csv")
    folder.put("F_20220103T1200.csv", b"key;group\n")
    reader = folder.reader(pattern="F_{date:%Y%m%dT%H%M}.csv")
    found = reader.find(AT)
    assert [d.id for d in found] == ["2022-01-03T070000", "2022-01-03T120000"]
    assert len({reader.verify(d).sha256 for d in found}) == 2


def test_fields_of_a_manifest_can_have_other_names(manifested):
    manifested.put()
    manifested.put_manifest(aantal=..., count=2, periode=..., start="2022-01-03", header={"end": "2022-01-03"})
    renamed = {"rows": "count", "periode.van": "start", "period_to": "header.end"}
    found = only(manifested.reader(manifest_fields=renamed).find(AT))
    assert (found.manifest.rows, found.manifest.period_from, found.manifest.period_to) == (2, DAY, DAY)


def test_a_column_of_counts_that_is_not_there_is_a_fault_of_the_configuration(folder):
    folder.put()
    reader = folder.reader(count_column="count")
    with (
        duckdb.connect(":memory:") as con,
        pytest.raises(ConfigError, match="count_column: there is no column count"),
    ):
        reader.load(only(reader.find(AT)), con)


@pytest.mark.parametrize(
    "settings",
    [
        {"pattern": "../{date}.csv"},
        {"pattern": "FEED.csv"},
        {"pattern": "{date}{date}.csv"},
        {"pattern": "{other}.csv"},
        {"pattern": "{date!r}.csv"},
        {"pattern": "{date:%Y%m%d.csv"},
        {"pattern": "{date:%B}.csv"},
        {"pattern": "{date:%m%d}.csv"},
        {"pattern": "{sequence:6d}.csv"},
        {"pattern": "{sequence:06d}.csv"},
        {"pattern": "{date:%Y%m%d%H}_{sequence}.csv"},
        {"pattern": None},
        {"period_column": "day"},
        {"encoding": "utf-99"},
        {"encoding": "rot13"},
        {"delimiter": "||"},
        {"delimiter": '"'},
        {"manifest": "manifest.json"},
        {"manifest": "../{stem}.json"},
        {"manifest": "{stem}.csv"},
        {"manifest_fields": {"nonsense": "x"}},
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused_at_once(folder, settings):
    with pytest.raises(ConfigError, match=r"feeds\.feed\.source.* — "):
        folder.reader(**settings)


def test_names_with_wildcards_and_a_folder_like_a_partition_are_taken_literally(tmp_path, folder):
    folder.settings["path"] = "in/day=1"
    (folder.path / "day=1").mkdir(parents=True)
    folder.put("day=1/F[1]*_20220103.csv")
    folder.put("day=1/F1x_20220103.csv", b"wrong\n1\n")
    reader = folder.reader(pattern="F[1]*_{date:%Y%m%d}.csv")
    with duckdb.connect(":memory:") as con:
        assert [column.name for column in reader.load(only(reader.find(AT)), con)] == ["key", "group"]


def test_the_name_is_found_again_from_the_delivery_alone(folder):
    folder.put()
    found = only(folder.reader().find(AT))
    assert folder.reader().verify(found).sha256 is not None
    assert folder.reader().pattern.name(found.id, found.period) == NAME
