"""Texts of checks that judge one delivery by itself."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

DELIVERY: Mapping[str, Texts] = {}
