"""Real folders, real files, real databases; a person in them is marked so that a leak can be found."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from postgresql import for_sqlalchemy, running

from ketenwacht.domain.feed import FileSource
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.sources import open_source

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAME = "FEED_20220103_000001.csv"
ROWS = b"key;group\n0000000001;a\n0000000002;b\n"


@dataclass
class Folder:
    """A folder of deliveries, and the feed that reads it."""

    root: Path
    settings: dict = field(default_factory=dict)

    @property
    def path(self):
        return self.root / "in"

    def reader(self, **settings):
        chosen = {"path": "in", "pattern": "FEED_{date:%Y%m%d}_{sequence:06d}.csv", **self.settings, **settings}
        return open_source("feed", FileSource(**chosen), root=self.root)

    def put(self, name=NAME, content=ROWS, *, age=timedelta(hours=2)):
        self.path.mkdir(exist_ok=True)
        path = self.path / name
        path.write_bytes(content)
        moment = (AT - age).timestamp()
        os.utime(path, (moment, moment))
        return path

    def put_manifest(self, name=NAME, content=ROWS, *, age=timedelta(hours=2), **changes):
        body = {
            "volgnummer": int(name.split("_")[2][:6]),
            "soort": "mutatie",
            "periode": {"van": "2022-01-03", "tot": "2022-01-03"},
            "aangemaakt_op": "2022-01-03T06:00:00+01:00",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "aantal": 2,
        }
        body = {key: value for key, value in {**body, **changes}.items() if value is not ...}
        return self.put(name.replace(".csv", ".manifest.json"), json.dumps(body).encode(), age=age)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def manifested(tmp_path):
    return Folder(tmp_path, {"manifest": "{stem}.manifest.json"})


def only(found):
    """The one delivery that was found."""
    assert len(found) == 1, found
    return found[0]


def problem_of(reader):
    """Why the one delivery of a reader cannot be read, by find, verify or load; None when it can."""
    import duckdb  # noqa: PLC0415 - only the tests that load need it

    from ketenwacht.errors import UnreadableDelivery  # noqa: PLC0415 - as above

    delivery = reader.verify(only(reader.find(AT)))
    if not delivery.read:
        return MessageFormatter().say(delivery.problem)
    with duckdb.connect(":memory:") as con:
        try:
            reader.load(delivery, con)
        except UnreadableDelivery as error:
            assert con.execute("SHOW TABLES").fetchall() == []
            return str(error)
    return None


DAY = date(2022, 1, 3)


@pytest.fixture(scope="session")
def server():
    """The URL of a PostgreSQL server of our own."""
    with running() as uri:
        yield for_sqlalchemy(uri)
