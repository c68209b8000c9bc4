"""The pages of the service, its health and its metrics."""

from .app import metrics_app, web_app
from .server import PageServer

__all__ = ["PageServer", "metrics_app", "web_app"]
