"""A delivery, and which of its problems may pass."""

from datetime import date

import pytest

from ketenwacht.domain.delivery import FOR_NOW, Delivery, Presence, is_reading_fault
from ketenwacht.domain.statement import Name, Statement

PROBLEMS = [
    ("a file that could not be opened for now", "delivery.not_opened", "PermissionError", True, True),
    ("a file that is damaged", "delivery.not_opened", "BadGzipFile", False, False),
    (
        "a connection that was lost, whatever the driver calls it",
        "delivery.connection_lost",
        "OperationalError",
        True,
        True,
    ),
    ("a right that was taken away", "delivery.rows_out_of_reach", "ProgrammingError", True, True),
    ("an engine that failed", "delivery.measuring_failed", "ValueError", False, True),
]


@pytest.mark.parametrize(
    ("sentence", "code", "cause", "passes", "machine"), PROBLEMS, ids=[p[0] for p in PROBLEMS]
)
def test_what_may_pass_is_measured_again(sentence, code, cause, passes, machine):
    problem = Statement(code, {"cause": Name(cause)})
    delivery = Delivery("f", "1", date(2024, 1, 1), presence=Presence.UNREADABLE, problem=problem)
    assert (delivery.mark == FOR_NOW, is_reading_fault(problem)) == (passes, machine), sentence
