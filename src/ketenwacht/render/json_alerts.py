"""Alerts as JSON, ready for `json.dumps`.

```json
{"schema": "ketenwacht/alerts/1", "replayed": false,
 "counts": {"pending": 0, "sending": 0, "sent": 14, "failed": 0},
 "alerts": [{"id": "…", "route": "route-1", "topic": "a-feed/2022-06-24", "kind": "incident", "headline": "…",
             "state": "sent", "attempts": 1, "created_at": "…Z", "sent_at": "…Z", "error": null}]}
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ketenwacht.messages.public import moment

from .json import Object
from .terminal_alerts import Row, headline_of

ALERTS_SCHEMA = "ketenwacht/alerts/1"


def alerts_object(rows: Sequence[Row], counts: Mapping[str, int], *, replayed: bool = False) -> Object:
    """Alerts as `ketenwacht/alerts/1`, in the order given."""
    return {
        "schema": ALERTS_SCHEMA,
        "replayed": replayed,
        "counts": dict(counts),
        "alerts": [
            {
                "id": alert.id,
                "route": alert.route,
                "topic": alert.topic,
                "kind": alert.kind,
                "headline": headline_of(alert),
                "state": state,
                "attempts": attempts,
                "created_at": moment(alert.created_at),
                "sent_at": moment(sent_at),
                "error": error,
            }
            for alert, state, attempts, sent_at, error in rows
        ],
    }
