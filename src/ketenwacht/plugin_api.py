"""Everything that a plug-in may import. A name that changes keeps its old one for one release, with a warning."""

from __future__ import annotations

from ketenwacht.dialects import Dialect, build_compiler, respell_with
from ketenwacht.domain.check_traits import CheckTraits, Holds, Release, SettingRange, Weight
from ketenwacht.domain.checks.base import Check, Expectation, Judgement, State, View
from ketenwacht.domain.delivery import Delivery, DeliveryKind, Manifest, Presence
from ketenwacht.domain.feed import FileSource, Schedule
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.measurement import ROWS, Column, Measurement, MetricKey, Snapshot, Unmeasured, nulls
from ketenwacht.domain.message import Message
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import (
    Amount,
    Codes,
    CodeTexts,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Serial,
    Share,
    Statement,
    Text,
)
from ketenwacht.errors import ConfigError, DeliveryError, NotifyError, UnreadableDelivery
from ketenwacht.measure import CopyEngine, Dataset, Engine, InDatabaseEngine
from ketenwacht.measure.engine import CopiedDataset, InDatabaseDataset, Statements
from ketenwacht.measure.suite import ExpectationOutcome, Outcomes
from ketenwacht.notify import Notifier
from ketenwacht.notify.base import message_of
from ketenwacht.plugins import EngineKind, MediumKind, SourceKind
from ketenwacht.plugins.renamed import keep_old_names, return_renamed
from ketenwacht.sources import FeedReader
from ketenwacht.sources.columns import check_column_names
from ketenwacht.sources.formats import FileFormat, FileRows, quote_path
from ketenwacht.sql import TABLE, quote_name, quote_text

__all__ = [
    "ROWS",
    "TABLE",
    "WHOLE",
    "Alert",
    "Amount",
    "Check",
    "CheckResult",
    "CheckTraits",
    "CodeTexts",
    "Codes",
    "Column",
    "ConfigError",
    "CopyEngine",
    "Dataset",
    "Delivery",
    "DeliveryError",
    "DeliveryKind",
    "Dialect",
    "Engine",
    "EngineKind",
    "Evidence",
    "Expectation",
    "ExpectationOutcome",
    "FeedReader",
    "FileFormat",
    "FileRows",
    "FileSource",
    "Fraction",
    "Holds",
    "Interval",
    "Judgement",
    "Manifest",
    "Measurement",
    "MediumKind",
    "Message",
    "MetricKey",
    "Missing",
    "MissingCount",
    "Name",
    "Notifier",
    "NotifyError",
    "Outcomes",
    "Past",
    "Persons",
    "Presence",
    "Release",
    "Schedule",
    "Segment",
    "Serial",
    "SettingRange",
    "Share",
    "Snapshot",
    "SourceKind",
    "State",
    "Statement",
    "Statements",
    "Status",
    "Text",
    "Unmeasured",
    "UnreadableDelivery",
    "View",
    "Weight",
    "build_compiler",
    "check_column_names",
    "message_of",
    "nulls",
    "quote_name",
    "quote_path",
    "quote_text",
    "respell_with",
]

# Old names → new ones: what a plug-in of the release before imports, and uses of the objects that it is given.
_RENAMED = {
    "Copying": "CopyEngine",
    "Format": "FileFormat",
    "Ground": "Dataset",
    "Outcome": "ExpectationOutcome",
    "Rows": "FileRows",
    "Setting": "SettingRange",
    "Traits": "CheckTraits",
    "checked_names": "check_column_names",
    "file_literal": "quote_path",
    "literal": "quote_text",
    "quoted": "quote_name",
}
_RENAMED_ATTRIBUTES: dict[type, dict[str, str]] = {
    CopyEngine: {"opened": "open"},
    InDatabaseEngine: {"opened": "open"},
    CopiedDataset: {"set_apart": "exclude"},
    InDatabaseDataset: {"set_apart": "exclude"},
    Past: {"extended": "with_snapshot", "masked": "excluded", "masks": "exclusions"},
}
for _kind, _names in _RENAMED_ATTRIBUTES.items():
    keep_old_names(_kind, _names)


def __getattr__(name: str) -> object:
    """Return what an old name means now.

    Raises:
        AttributeError: this module never had that name.
    """
    return return_renamed(__name__, globals(), _RENAMED, name)
