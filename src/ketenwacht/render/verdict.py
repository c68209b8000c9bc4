"""What to do about a finding, in English; the words moved to `ketenwacht.messages.report.verdict`."""

from __future__ import annotations

from ketenwacht.messages.findings import Finding
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report import verdict


def action(finding: Finding, sender: str) -> str:
    """What to do about a finding, in one or two sentences."""
    return verdict.action(finding.incident, sender, MessageFormatter())
