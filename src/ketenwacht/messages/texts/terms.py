"""Words that a parameter may stand for, by key: kinds of delivery, declared stretches, named causes."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

TERMS: Mapping[str, Texts] = {}
