"""Texts of what a release check (`ci`) compares."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

RELEASE: Mapping[str, Texts] = {}
