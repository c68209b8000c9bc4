"""The pages of the service, its health and its metrics."""

from .pages import web_app
from .serving import Pages

__all__ = ["Pages", "web_app"]
