"""What time alone does to incidents, kept also on days on which nothing is delivered."""

from __future__ import annotations

from datetime import datetime

from ketenwacht.domain.incidents import sweep as swept
from ketenwacht.errors import Overtaken
from ketenwacht.messages import compose

from .session import Session


def sweep(session: Session, *, at: datetime) -> int:
    """End snoozes that are over and close what stayed quiet, with their events and messages, in one transaction.

    Doing so twice changes nothing. When somebody acts on one of the incidents in between, all is left to the
    next time.

    Args:
        session: the feed.
        at: now, UTC.

    Returns:
        How many incidents changed.

    Raises:
        StoreError: the history cannot be read or written.
    """
    station, history = session.station, session.history
    live = history.live_incidents(station.feed.name)
    step = swept({i.fingerprint: i for i in live}, policy=station.alerting.policy, at=at)
    if not step.incidents:
        return 0
    alerts = compose(
        step.notices,
        (*step.standing, *step.incidents),
        feed=station.feed,
        alerting=station.alerting,
        how=station.how,
        key=f"sweep/{station.feed.name}/{at.isoformat()}",
        at=at,
    )
    try:
        history.keep(step.incidents, step.events, alerts, based_on=live)
    except Overtaken:
        return 0
    return len(step.incidents)
