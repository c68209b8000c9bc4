"""Simulations written once a session and read back with nothing but the standard library."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest

from ketenwacht.simulate import Truth, simulate

FIRST, LAST, SEED = date(2022, 3, 1), date(2022, 4, 29), 7


def read(path: Path) -> list[dict[str, str]]:
    """Rows of one of our CSV files; strict about the text and about the number of fields."""
    lines = path.read_bytes().decode("utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter=";", strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


@dataclass(frozen=True)
class Written:
    out: Path
    truth: Truth

    @property
    def told(self) -> dict:
        return json.loads((self.out / "truth.json").read_text(encoding="utf-8"))

    @cached_property
    def manifests(self) -> dict[str, dict]:
        found = sorted((self.out / "deliveries").glob("*.manifest.json"), key=lambda p: p.name.split("_")[2])
        return {p.name.split("_")[2][:6]: json.loads(p.read_text(encoding="utf-8")) for p in found}

    @cached_property
    def registers(self) -> dict[str, list[dict[str, str]]]:
        return {p.stem[9:]: read(p) for p in sorted((self.out / "register").iterdir())}

    def path(self, delivery: str) -> Path:
        (found,) = (self.out / "deliveries").glob(f"*_{delivery}.csv")
        return found

    def rows(self, delivery: str) -> list[dict[str, str]]:
        return read(self.path(delivery))

    def all_rows(self) -> list[dict[str, str]]:
        return [row for delivery in self.manifests for row in self.rows(delivery)]

    @property
    def spoilt(self) -> str:
        (defect,) = self.truth.defects
        return defect.delivery


@pytest.fixture(scope="session")
def feed(tmp_path_factory):
    """A function that gives the simulation of a scenario, in the short range unless told."""
    done: dict[tuple, Written] = {}

    def written(scenario: str, first: date = FIRST, last: date = LAST, seed: int = SEED) -> Written:
        key = (scenario, first, last, seed)
        if key not in done:
            out = tmp_path_factory.mktemp("simulation") / "sample"
            done[key] = Written(out, simulate(out, first=first, last=last, seed=seed, scenario=scenario))
        return done[key]

    return written
