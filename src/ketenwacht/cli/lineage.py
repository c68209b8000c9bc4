"""`ketenwacht lineage`: judged deliveries for a catalogue of lineage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError, NotifyError, describe_file_fault, format_count
from ketenwacht.plugins import install_command

from .options import Feed, Options, Replayed, Since, as_day
from .output import open_screen, print_json
from .queries import open_history

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

    from ketenwacht.workflows.histories import HistoryReader


def add_commands(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("lineage")(lineage)


def lineage(
    context: typer.Context,
    feed: Feed = None,
    since: Since = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="F", help="File to write, one event a line; else they are sent."),
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", help="Of the job in the catalogue.")] = "ketenwacht",
    *,
    replay: Replayed = False,
) -> None:
    """Tell a catalogue of lineage what was judged, as OpenLineage run events.

    Each judged delivery is a run with the sender's dataset as its input and the receiver's as its output, and an
    assertion for each result. Where they are sent to, the client of OpenLineage reads from its own settings: the
    variable OPENLINEAGE_URL, or the file openlineage.yml. Sending an event twice does no harm.

    Needs the extra `lineage`.
    """
    options: Options = context.obj
    if find_spec("openlineage") is None:
        raise ConfigError("lineage", "openlineage-python is not installed", install_command("lineage"))
    with open_history(options, feed, replay=replay) as reader:
        events = tuple(_collect(reader, as_day(since), namespace))
    if out is None:
        _send(events)
    else:
        _write(events, out)
    judged = format_count(len(events) // 2, "judged delivery", "judged deliveries")
    said = f"{judged} {'sent' if out is None else f'written to {out}'}"
    if options.json:
        print_json({"schema": "ketenwacht/lineage/1", "runs": len(events) // 2, "events": len(events)})
    else:
        open_screen().print(said, soft_wrap=True)
        options.print_verdict(said)


def _collect(reader: HistoryReader, since: date | None, namespace: str) -> Iterator[RunEvent]:
    """Yield the events of the runs of one feed, for deliveries of `since` or later (None: all)."""
    from ketenwacht.domain.measurement import ROWS
    from ketenwacht.domain.segment import WHOLE
    from ketenwacht.messages.views import view_run
    from ketenwacht.render.openlineage import list_events

    feed = reader.project.feed(reader.feeds[0])
    formatter = reader.project.formatter(feed, language="en")
    snapshots = reader.history.runs.find_snapshots(feed.name, metrics={ROWS}, segments=lambda s: s == WHOLE)
    counts = {(one.delivery.id, one.delivery.mark): one.value(ROWS) for one in snapshots if one.delivery.read}
    for run in reader.history.runs.find(feed.name, since=since):
        privacy = formatter.privacy.for_delivery(run.smallest)
        count = counts.get((run.delivery.id, run.delivery.mark))
        rows = privacy.count(count, of_delivery=True) if isinstance(count, float) else None
        yield from list_events(view_run(run, formatter), feed, formatter, namespace=namespace, rows=rows)


def _write(events: Sequence[RunEvent], path: Path) -> None:
    from openlineage.client.serde import Serde

    text = "".join(f"{Serde.to_json(event)}\n" for event in events)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(
            "--out", f"{path} cannot be written ({describe_file_fault(fault)})", "name another file"
        ) from None


def _send(events: Sequence[RunEvent]) -> None:
    """Send events where the settings of the client say.

    Raises:
        ConfigError: they say nothing, or nothing that can be used.
        NotifyError: the catalogue did not take them.
    """
    from openlineage.client import OpenLineageClient

    try:
        client = OpenLineageClient()
    except Exception as fault:  # noqa: BLE001 - what a transport of OpenLineage raises is its own
        raise ConfigError(
            "OPENLINEAGE_URL",
            f"names no catalogue ({type(fault).__name__})",
            "see the manual of OpenLineage's client",
        ) from None
    if client.transport.kind in {"console", "noop"}:
        raise ConfigError(
            "OPENLINEAGE_URL", "is not set", "set it to the address of the catalogue, or give --out F"
        )
    try:
        with closing(client):
            for event in events:
                client.emit(event)
    except Exception as fault:  # noqa: BLE001 - as above
        raise NotifyError(
            f"the catalogue of lineage did not take the events ({type(fault).__name__})", permanent=False
        ) from None
