"""A report of 2022."""

from reported import days, formatter, incident, incidents, report, run  # noqa: F401 - fixtures are found by name
