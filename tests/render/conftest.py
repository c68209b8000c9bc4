"""A report of 2022."""

from __future__ import annotations

from reported import days, formatter, incident, incidents, replay, report, run  # noqa: F401 - fixtures are found by name
