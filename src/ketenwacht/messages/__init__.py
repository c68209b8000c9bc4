"""Turn codes into words: values, texts, alerts and view models. Pure.

* `formatter` and `privacy` say every value one way: a day, a segment, a count that may be shown.
* `texts` is the one catalogue, Dutch and English.
* `compose*` makes alerts of incidents; `views*` and `report` make what renderers lay out.
"""

from .compose import FeedDay, alert_id, compose_digest, compose_test
from .compose_incidents import compose_incidents, compose_summary

__all__ = [
    "FeedDay",
    "alert_id",
    "compose_digest",
    "compose_incidents",
    "compose_summary",
    "compose_test",
]
