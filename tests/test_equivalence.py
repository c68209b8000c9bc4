"""What `make equivalence` compares between two versions of a library."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from equivalence import compare, damage

LINE = json.dumps({"id": "1", "measurements": [["rows", [], 30.0], ["expectation.a.met", [], 29.0]]})
SAME = ["exit code 0", LINE]

CASES = [
    ("the same numbers are no difference", SAME, []),
    (
        "another number is told with both values",
        ["exit code 0", LINE.replace("29.0", "28.0")],
        ["1 expectation.a.met []: [29.0] here, [28.0] there"],
    ),
    (
        "a number that is not measured there is told",
        ["exit code 0", LINE.replace("[], 29.0", '[], null, "engine"')],
        ["1 expectation.a.met []: [29.0] here, [None, 'engine'] there"],
    ),
    ("another exit code is told", ["exit code 3", LINE], ["exit code: exit code 0 here, exit code 3 there"]),
    (
        "a delivery that is not there is told by each of its numbers",
        ["exit code 0"],
        ["1 expectation.a.met []: [29.0] here, None there", "1 rows []: [30.0] here, None there"],
    ),
    (
        "a version that cannot measure is told with its error",
        ["exit code 0", LINE, "no such attribute"],
        ["not measured: None here, no such attribute there"],
    ),
]


@pytest.mark.parametrize(("sentence", "there", "told"), CASES, ids=[one[0] for one in CASES])
def test_what_differs_between_two_versions(sentence, there, told):
    assert list(compare(SAME, there)) == told


def test_damaged_rows_still_have_every_column_and_some_come_twice(tmp_path):
    path = tmp_path / "delivery.csv"
    path.write_text("a;b\n" + "1;2\n" * 50, encoding="utf-8")
    damage(path, np.random.default_rng(1))
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert (len(rows), {len(row) for row in rows}) == (54, {2})
    assert rows.count(["1", "2"]) < 50
