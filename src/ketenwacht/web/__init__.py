"""The pages of the service, its health and its metrics."""

from .pages import web_app
from .serving import PageServer

__all__ = ["PageServer", "web_app"]
