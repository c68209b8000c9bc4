"""The pages of the service, the JSON API, health and metrics."""

from .app import metrics_app, web_app
from .server import PageServer

__all__ = ["PageServer", "metrics_app", "web_app"]
