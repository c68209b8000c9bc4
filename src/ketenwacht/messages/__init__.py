"""From incidents to words: the catalogue of texts and the composition of messages. Pure."""

from .compose import alert_id, compose, compose_run
from .digest import FeedDay, compose_digest, compose_test
from .problem import explain

__all__ = ["FeedDay", "alert_id", "compose", "compose_digest", "compose_run", "compose_test", "explain"]
