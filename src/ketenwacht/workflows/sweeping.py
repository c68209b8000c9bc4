"""What time alone does to incidents, kept also on days on which nothing is delivered."""

from __future__ import annotations

from datetime import datetime

from ketenwacht.domain.findings import sweep as swept
from ketenwacht.errors import Overtaken
from ketenwacht.messages import compose

from .session import FeedSession


def sweep(session: FeedSession, *, at: datetime) -> int:
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
    context, history = session.context, session.history
    live = history.live_incidents(context.feed.name)
    step = swept({i.fingerprint: i for i in live}, policy=context.alerting.policy, at=at)
    if not step.incidents:
        return 0
    alerts = compose(
        step.notices,
        (*step.standing, *step.incidents),
        feed=context.feed,
        alerting=context.alerting,
        how=context.how,
        key=f"sweep/{context.feed.name}/{at.isoformat()}",
        at=at,
    )
    try:
        history.keep(step.incidents, step.events, alerts, based_on=live)
    except Overtaken:
        return 0
    return len(step.incidents)
