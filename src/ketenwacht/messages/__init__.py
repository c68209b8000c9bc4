"""Turn codes into words: values, texts, alerts and view models. Pure.

* `formatter` and `privacy` say every value one way: a day, a segment, a count that may be shown.
* `texts` is the one catalogue, Dutch and English.
* `problem`, `compose` and `digest` make alerts of incidents; `views*` and `report` make what renderers lay out.
"""

from .compose import FeedDay, alert_id, compose, compose_digest, compose_run, compose_test
from .problem import explain

__all__ = ["FeedDay", "alert_id", "compose", "compose_digest", "compose_run", "compose_test", "explain"]
