"""The pages of the service, its health and its metrics."""

from .app import web_app
from .server import PageServer

__all__ = ["PageServer", "web_app"]
