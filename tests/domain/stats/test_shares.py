import json

import numpy as np

from ketenwacht.domain.stats import shares
from ketenwacht.domain.stats.array_json import arrays_from_dict, arrays_to_dict
from ketenwacht.domain.stats.shares import ShareDetector

DETECTOR = ShareDetector.above([0.05, 0.05])


def run(wrong, seen, threshold=5.0):
    tally, path = shares.ShareTally.start(2, 0), []
    for day, (x, n) in enumerate(zip(wrong, seen, strict=True), start=1):
        tally = shares.step(tally, day, (np.array(x, float), np.array(n, float)), DETECTOR, threshold)
        path.append(tally.alarm.copy())
    return tally, np.array(path)


def test_an_alarm_comes_in_its_stream_only_and_ends_when_all_is_well():
    _, path = run([[3, 0]] * 5 + [[0, 0]] * 30, [[10, 10]] * 35)
    assert path[4].tolist() == [1.0, 0.0]
    assert path[-1].tolist() == [0.0, 0.0]


def test_a_tally_is_json_and_comes_back_bit_for_bit():
    tally, _ = run([[3, 0]] * 5, [[10, 10]] * 5)
    body = arrays_to_dict(tally)
    again = arrays_from_dict(shares.ShareTally, json.loads(json.dumps(body, allow_nan=False)))
    assert all(np.array_equal(getattr(tally, n), getattr(again, n)) for n in body)
