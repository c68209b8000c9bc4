"""The pages of the service, its health and its metrics."""

from .pages import PageServer, web_app

__all__ = ["PageServer", "web_app"]
