"""Reads counts at a hop of the chain: from a CSV file, or from the acknowledgement of one delivery."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.evidence import CONTENT, REJECTED, ReferenceFigure, acknowledgement_hop
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import shown_file
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .evidence import (
    DAY_LIKE,
    CountsOrigin,
    EvidenceCsvRow,
    guard_figures,
    parse_day,
    parse_whole,
    read_counts,
    refuse_unknown_columns,
)
from .manifest import MAX_BYTES, field_paths, parse_manifest

_NEEDED = ("period_from", "period_to", "count", "published_on")
_FURTHER = ("reason", "source")
_RECEIPT = "acknowledgements"
_STATUS = "status"
_STATUSES = {"accepted": False, "aanvaard": False, "rejected": True, "afgekeurd": True}
"""Status of a receipt → whether it refuses the delivery."""


def read_hop_counts(
    origin: CountsOrigin, hop: str, *, dimensions: Collection[str], guard: Guard | None = None
) -> tuple[ReferenceFigure, ...]:
    """Read counts at one hop.

    Columns: period_from; period_to; segment columns; count; published_on; and optionally reason and source. A row
    without a reason counts the persons who came to the hop; a row with a reason counts those left out before it.
    `source` names who counted.

    Args:
        origin: a CSV in UTF-8, separated by ; , tab or |, or a table.
        hop: its name in the chain.
        dimensions: the segment columns of the feed, in order; there may be any of them, and no other column.
        guard: decides which segment values and reasons may be kept; None: those that do not look personal.

    Raises:
        ConfigError: with the line and how to mend it, without the value.
        DeliveryError: a table cannot be read.
    """
    names, rows = read_counts(origin, _NEEDED)
    refuse_unknown_columns(
        origin, set(names) - {*_NEEDED, *_FURTHER} - set(dimensions), "a segment column of the feed"
    )
    segment_columns = [name for name in dimensions if name in names]
    figures: dict[tuple[object, ...], ReferenceFigure] = {}
    for row in rows:
        figure = _read_figure(row, hop, segment_columns, origin.name)
        key = (
            figure.source,
            figure.reason,
            figure.segment,
            figure.period_from,
            figure.period_to,
            figure.published_on,
        )
        if key in figures:
            what = "an earlier line has the same segment, period, reason and day of publication"
            raise ConfigError(row.where, what, "keep one; give a restatement a later published_on")
        figures[key] = figure
    return tuple(sorted(guard_figures(figures.values(), guard or Guard()), key=lambda f: f.published_on))


def read_receipt(
    path: Path, hop: str, *, dimensions: Collection[str], fields: Mapping[str, str], guard: Guard | None = None
) -> tuple[ReferenceFigure, ...]:
    """Read the acknowledgement of one delivery: JSON with the fields of a manifest.

    `rows` and `rows_by_segment` count the persons who came to the hop; `excluded` counts those who did not, by
    reason. The period is that of the delivery. The counts are known from `created_at`. `status` says whether the
    delivery was accepted or rejected; without it it was accepted. A receipt that names its delivery, by number or
    id, counts for the acknowledgement of that delivery too; `sha256` is then the hash of the file that came.

    Args:
        path: of the file.
        hop: its name in the chain.
        dimensions: the segment columns of the feed, in order.
        fields: our name of a field → the sender's, where it differs from the default.
        guard: decides which segment values and reasons may be kept; None: those that do not look personal.

    Raises:
        ConfigError: it cannot be read, or states no period or no count.
    """
    own_status = fields.get(_STATUS, _STATUS)
    paths = field_paths(
        {ours: theirs for ours, theirs in fields.items() if ours != _STATUS}, where=shown_file(path)
    )
    problem = "cannot be opened"
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            problem = "is no regular file"
        elif found.st_size > MAX_BYTES:
            problem = f"is larger than {MAX_BYTES} bytes"
        else:
            content = path.read_bytes()
            stated = (guard or Guard()).manifest(parse_manifest(content, paths))
            rejected = _is_rejected(content, own_status)
            return _receipt_figures(stated, path, hop, dimensions, rejected=rejected)
    except UnreadableDelivery as fault:
        problem = str(fault)
    except OSError:
        pass
    raise ConfigError(shown_file(path), problem, "ask the receiver to send it again") from None


def _read_figure(row: EvidenceCsvRow, hop: str, dimensions: Sequence[str], file: str) -> ReferenceFigure:
    figure = ReferenceFigure(
        segment=row.segment([name for name in dimensions if row.cells[name]]),
        period_from=row.read("period_from", parse_day, DAY_LIKE),
        period_to=row.read("period_to", parse_day, DAY_LIKE),
        count=row.read("count", parse_whole, "write a whole number from 0 to below 10^12"),
        uncertainty=0.0,
        published_on=row.read("published_on", parse_day, DAY_LIKE),
        source=row.source(row.cells.get("source") or file),
        hop=hop,
        reason=row.cells.get("reason", ""),
    )
    if figure.period_to < figure.period_from:
        raise ConfigError(
            row.where, "period_to is before period_from", "write the first and the last day of the period"
        )
    return figure


def _is_rejected(content: bytes, field: str) -> bool:
    """Return whether a receipt refuses its delivery.

    Raises:
        UnreadableDelivery: its status is neither.
    """
    body = parse_json(content)
    said = body.get(field) if isinstance(body, dict) else None
    if said is not None and (not isinstance(said, str) or said.strip().casefold() not in _STATUSES):
        raise UnreadableDelivery(f"its `{field}` is not one of {', '.join(_STATUSES)}")
    return isinstance(said, str) and _STATUSES[said.strip().casefold()]


def _receipt_figures(
    manifest: Manifest, path: Path, hop: str, dimensions: Collection[str], *, rejected: bool
) -> tuple[ReferenceFigure, ...]:
    first, last = manifest.period_from, manifest.period_to
    counted = rejected or manifest.rows is not None or bool(manifest.rows_by_segment)
    if first is None or last is None or not counted:
        raise ConfigError(
            shown_file(path), "has no period or no count", "ask the receiver to send it again with both"
        )
    counts: Counter[Segment] = Counter()
    for segment, rows in manifest.rows_by_segment.items():
        counts[segment.project(dimensions)] += rows
    if not counts and manifest.rows is not None:
        counts[WHOLE] = manifest.rows
    # The acknowledgement of a redelivery replaces that of its period; that of a catch-up adds to it.
    source = f"{_RECEIPT} of catch-ups" if manifest.kind is DeliveryKind.CATCH_UP else _RECEIPT
    known = manifest.created_at.date() if manifest.created_at is not None else last
    figures = [(segment, rows, "") for segment, rows in counts.items()]
    figures += [(WHOLE, rows, reason) for reason, rows in manifest.excluded.items()]
    places = [(source, hop, figures)]
    delivery = str(manifest.sequence) if manifest.sequence is not None else manifest.delivery_uuid
    if delivery is not None:
        stated = [(WHOLE, 0, REJECTED)] if rejected else []
        if manifest.sha256 is not None:
            stated.append((WHOLE, 0, f"{CONTENT}{manifest.sha256}"))
        places.append((delivery, acknowledgement_hop(hop), [*figures, *stated]))
    return tuple(
        ReferenceFigure(segment, first, last, float(rows), 0.0, known, named, hop=place, reason=reason)
        for named, place, found in places
        for segment, rows, reason in found
    )
