"""A delivery that is replaced while it is read is read anew; one that never stands still is unreadable."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tiny_feed import tiny_feed

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.statement import Statement
from ketenwacht.measure import CopyEngine
from ketenwacht.pipeline import measure_delivery

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


@dataclass
class Restless:
    """A reader before which a delivery is replaced between verifying and loading, so many times."""

    reader: object
    times: int
    put: object

    def verify(self, delivery):
        return self.reader.verify(delivery)

    def load(self, delivery, into):
        if self.times:
            self.times -= 1
            self.put()
        return self.reader.load(delivery, into)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("sentence", "times", "presence"),
    [
        ("once is no fault", 1, Presence.READ),
        ("nor is four times", 4, Presence.READ),
        ("it never stands still", 99, Presence.UNREADABLE),
    ],
)
def test_a_delivery_that_is_replaced_while_it_is_read(tmp_path, sentence, times, presence):
    tiny = tiny_feed(tmp_path / "feed")
    tiny.deliver(date(2024, 3, 1), arrived=AT, rows=30)
    rows = [30]

    def put():
        rows[0] += 1
        tiny.deliver(date(2024, 3, 1), arrived=AT, rows=rows[0])

    with tiny.session() as session:
        (found,) = session.find(AT + timedelta(hours=1))
        context = replace(session.context, engine=CopyEngine(Restless(session.context.reader, times, put)))
        snapshot = measure_delivery(context, found, AT)
    assert snapshot.delivery.presence is presence
    if presence is Presence.READ:
        assert snapshot.value(ROWS) == rows[0]
    else:
        assert snapshot.delivery.problem in {Statement("delivery.changed"), Statement("delivery.replaced")}


@pytest.mark.integration
def test_a_file_that_may_still_grow_waits_for_the_next_look(tmp_path):
    tiny = tiny_feed(tmp_path / "feed")
    tiny.deliver(date(2024, 3, 1), arrived=AT)
    with tiny.session() as session:
        assert session.find(AT + timedelta(seconds=5), quiet=timedelta(seconds=10)) == ()
        assert len(session.find(AT + timedelta(seconds=15), quiet=timedelta(seconds=10))) == 1
