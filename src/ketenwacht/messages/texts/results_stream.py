"""Texts of checks that judge the stream of deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

STREAM: Mapping[str, Texts] = {}
