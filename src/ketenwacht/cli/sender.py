"""Commands that a party runs before data leaves it: pseudonymise, lookup, digest, canary, receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import DAY, Feed, Options, split_names
from .output import ExitCode, default_formatter, open_console, print_json, print_note

if TYPE_CHECKING:
    from ketenwacht.reconcile import BucketDifference, BucketDigest, BucketName
    from ketenwacht.workflows.digests import DigestOptions


SignedKey = Annotated[
    list[str], typer.Option("--key", metavar="COLUMNS", help="Columns that together identify a person.")
]
_MOST_BUCKETS = 20


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("pseudonymise")(pseudonymise)
    app.command("lookup")(lookup)
    app.command("digest")(digest)
    app.command("canary")(canary)
    app.command("receipt")(receipt)


def pseudonymise(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="The register in clear, CSV or Parquet.")],
    target: Annotated[
        Path, typer.Option("--out", metavar="OUT", help="The file to give away; an earlier one goes.")
    ],
    key: SignedKey,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="COLUMNS", help="Columns that may leave: date of decision, segments."),
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Of the CSV; else found from its header.")
    ] = None,
) -> None:
    """Write a register with keyed pseudonyms in place of numbers, and no column that is not kept.

    Needs no configuration: the key is in KETENWACHT_KEYS_FILE, or KETENWACHT_KEYS.
    """
    from ketenwacht.domain.statement import Persons
    from ketenwacht.messages.public import public_counts
    from ketenwacht.reconcile import pseudonymise as sign
    from ketenwacht.sources.readers import check_delimiter
    from ketenwacht.workflows.digests import require_keys

    options: Options = context.obj
    formatter = default_formatter()
    check_delimiter(delimiter, "--delimiter")
    done = sign(
        source, target, key=split_names(key), keep=split_names(keep), keys=require_keys(), delimiter=delimiter
    )
    if options.json:
        shown = {
            "schema": "ketenwacht/pseudonymise/1",
            "path": str(target),
            **public_counts(
                rows=formatter.privacy.count(done.rows), without_key=formatter.privacy.count(done.without_key)
            ),
            "key_id": done.key_id,
            "columns": list(done.columns),
        }
        print_json(shown)
    else:
        columns = ", ".join(done.columns)
        lines = [formatter.label("cli.signed", rows=Persons(done.rows), key=done.key_id, columns=columns)]
        if done.without_key:
            lines.append(formatter.label("cli.signed_without", count=Persons(done.without_key)))
        for line in lines:
            open_console().print(line, markup=False, soft_wrap=True)
    raise typer.Exit(ExitCode.PASSED)


def lookup(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="The register in clear, CSV or Parquet.")],
    listed: Annotated[
        Path, typer.Option("--list", metavar="LIST", help="Pseudonyms, as `reconcile --missing` writes them.")
    ],
    target: Annotated[Path, typer.Option("--out", metavar="OUT", help="The file for their rows, in clear.")],
    key: SignedKey,
) -> None:
    """Write the rows of a register whose persons stand in a list of pseudonyms: for the sender, who must repair.

    Needs no configuration: the key is in KETENWACHT_KEYS_FILE, or KETENWACHT_KEYS.
    """
    from ketenwacht.domain.statement import Persons
    from ketenwacht.messages.public import public_counts
    from ketenwacht.reconcile import look_up
    from ketenwacht.reconcile.exact import is_exact_list, look_up_exact
    from ketenwacht.workflows.digests import require_keys

    options: Options = context.obj
    search = look_up_exact if is_exact_list(listed) else look_up
    asked, found = search(source, listed, target, key=split_names(key), keys=require_keys())
    formatter = default_formatter()
    print_note(str(target), formatter.label("cli.written_clear"))
    if options.json:
        counts = public_counts(listed=formatter.privacy.count(asked), found=formatter.privacy.count(found))
        print_json({"schema": "ketenwacht/lookup/1", "path": str(target), **counts})
    else:
        said = formatter.label("cli.looked_up", found=Persons(found), listed=Persons(asked))
        open_console().print(said, markup=False, soft_wrap=True)
    raise typer.Exit(ExitCode.PASSED if found == asked else ExitCode.FAILED)


def digest(
    context: typer.Context,
    feed: Feed = None,
    register: Annotated[
        Path | None,
        typer.Option("--register", metavar="FILE", help="Digest this register; else what was delivered."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            **DAY,
            help="Leave out who was decided on later; both sides the same.",
        ),
    ] = None,
    bits: Annotated[
        int | None, typer.Option("--bits", help="At most 2^bits buckets; both sides the same.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The digest to exchange.")] = None,
    both: Annotated[
        tuple[Path, Path] | None, typer.Option("--compare", metavar="OURS THEIRS", help="Compare two digests.")
    ] = None,
    within: Annotated[
        list[str] | None,
        typer.Option("--within", metavar="BUCKETS", help="Drill: only these buckets of an earlier digest."),
    ] = None,
    within_bits: Annotated[
        int | None, typer.Option("--within-bits", help="The bits of buckets that are named without them.")
    ] = None,
    members: Annotated[
        Path | None,
        typer.Option(
            "--members", metavar="FILE", help="Write the pseudonyms in --within here, to exchange those."
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="COLUMNS", help="Of the register; needs no configuration then."),
    ] = None,
    decided: Annotated[
        str | None,
        typer.Option("--decided-column", metavar="COLUMN", help="With the date of decision, on this side."),
    ] = None,
    expected: Annotated[
        int | None,
        typer.Option(
            "--expect", metavar="N", min=1, help="With --exact: at most so many persons differ; else as is safe."
        ),
    ] = None,
    extends: Annotated[
        Path | None,
        typer.Option("--extends", metavar="FILE", help="With --exact: your earlier digest, which was too small."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="THEIRS", help="Compare with the exact digest of the other side."),
    ] = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            "--missing", metavar="FILE", help="With --against: ids of whom only they have, for `lookup`."
        ),
    ] = None,
    extra: Annotated[
        Path | None,
        typer.Option("--extra", metavar="FILE", help="With --against: pseudonyms of whom only we have."),
    ] = None,
    *,
    exact: Annotated[
        bool, typer.Option("--exact", help="Write a digest from which the other side learns exactly who differs.")
    ] = False,
) -> None:
    """Learn whether both ends hold the same persons, without a list of them: write a digest, compare two, drill.

    With --exact the file is as large as the loss, and --against names each person in whom the sides differ.

    Exit 0: written, or the two are the same; 1: they differ.
    """
    from ketenwacht.reconcile import BucketDigest, compare_digests
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.contexts import synthetic_keys
    from ketenwacht.workflows.digests import DigestOptions, choose_columns, digest_deliveries, digest_register
    from ketenwacht.workflows.exact_digests import ExactOptions

    from .exact import run_exact

    options: Options = context.obj
    if exact or against is not None:
        wanted_exact = ExactOptions(
            target=target,
            feed=feed or "",
            until=until.date() if until is not None else None,
            expected=expected,
            extends=extends,
            against=against,
            missing=missing,
            extra=extra,
        )
        columns = (split_names(key), decided)
        raise typer.Exit(run_exact(options, wanted_exact, register=register, columns=columns))
    if both is not None:
        ours, theirs = (BucketDigest.read(path) for path in both)
        found = compare_digests(ours, theirs)
        _tell_differences(ours, theirs, found, options)
        raise typer.Exit(ExitCode.FAILED if found else ExitCode.PASSED)
    if target is None and members is None:
        raise ConfigError("--out", "no file is named for the digest", "give --out, or --compare two digests")
    wanted = DigestOptions(
        target,
        members,
        until.date() if until is not None else None,
        bits,
        _buckets(within, within_bits),
        feed or "",
        decided,
    )
    if register is None:
        made = digest_deliveries(options.load_project(), feed, wanted, at=clock.now(), on_warning=print_note)
    else:
        project = None if key else options.load_project()
        named = project.feed(feed) if project is not None else None
        nobody = synthetic_keys(project, named) if project is not None and named is not None else ()
        wanted = replace(wanted, feed=named.name) if named is not None else wanted
        made = digest_register(register, choose_columns(named, split_names(key), decided), wanted, nobody=nobody)
    _tell_made(made, wanted, options)


def _tell_made(made: BucketDigest | None, wanted: DigestOptions, options: Options) -> None:
    from ketenwacht.domain.statement import Amount

    formatter = default_formatter()
    paths = [str(path) for path in (wanted.target, wanted.members) if path is not None]
    if options.json:
        shown: dict[str, object] = {"schema": "ketenwacht/digest-written/1", "paths": paths}
        if made is not None:
            shown |= {"key_id": made.key_id, "bits": made.bits, "buckets": len(made.buckets)}
        print_json(shown)
        return
    if made is not None:
        said = formatter.label(
            "cli.digest", buckets=Amount(len(made.buckets)), bits=Amount(made.bits), key=made.key_id
        )
        open_console().print(said, markup=False)
    for path in paths:
        print_note(path, formatter.label("cli.written"))


def _tell_differences(
    ours: BucketDigest, theirs: BucketDigest, found: tuple[BucketDifference, ...], options: Options
) -> None:
    from ketenwacht.domain.statement import Amount, Persons

    del theirs
    named = [str(one.bucket) for one in found]
    if options.json:
        shown = {
            "schema": "ketenwacht/digest-compared/1",
            "same": not found,
            "key_id": ours.key_id,
            "bits": ours.bits,
            "buckets": named,
        }
        print_json(shown)
        return
    screen = open_console()
    # two files are compared without a project; where there is one, its limit for small counts holds
    formatter = options.load_project().formatter(language="en") if options.config.exists() else default_formatter()
    if not found:
        screen.print(formatter.label("cli.digest_same"), markup=False)
        return
    differ = formatter.label("cli.digest_differ", differing=Amount(len(found)), buckets=Amount(2**ours.bits))
    screen.print(differ, style="bold red", markup=False)
    for one in found[:_MOST_BUCKETS]:
        counts = {"ours": Persons(one.ours), "theirs": Persons(one.theirs)}
        screen.print(f"  {formatter.label('cli.digest_bucket', bucket=str(one.bucket), **counts)}", markup=False)
    if len(found) > _MOST_BUCKETS:
        screen.print(f"  {formatter.label('cli.more', count=Amount(len(found) - _MOST_BUCKETS))}")
    drill = f"--within {','.join(named[:_MOST_BUCKETS])}"
    screen.print(formatter.label("cli.digest_drill", options=drill), markup=False, soft_wrap=True)


def _buckets(given: list[str] | None, bits: int | None) -> tuple[BucketName, ...]:
    from ketenwacht.reconcile import BucketName

    try:
        return tuple(BucketName.parse(name, bits) for name in split_names(given))
    except ValueError:
        raise ConfigError("--within", "holds something that is no bucket", "copy them from --compare") from None


def canary(
    context: typer.Context,
    target: Annotated[
        Path, typer.Option("--out", metavar="LIST", help="The list; those that it holds already stay in it.")
    ],
    day: Annotated[
        datetime,
        typer.Option("--date", **DAY, help="Fictional decision date of the synthetic persons."),
    ],
    feed: Feed = None,
) -> None:
    """Write a synthetic person of each category that `coverage` lists, for the sender to put in.

    Their keys come from the range that `canaries` declares. They must come out at the other end within the SLA,
    and are counted nowhere else.
    """
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows.digests import write_canaries

    options: Options = context.obj
    project = options.load_project()
    named = project.feed(feed)
    added = write_canaries(named, project.root, day.date(), target)
    if options.json:
        shown = {"schema": "ketenwacht/canary/1", "feed": named.name, "path": str(target), "added": added}
        print_json(shown)
    else:
        formatter = default_formatter()
        open_console().print(
            formatter.label("cli.canaries", count=Amount(added), day=formatter.short_day(day.date())), markup=False
        )
        print_note(str(target), formatter.label("cli.written_canaries"))
    raise typer.Exit(ExitCode.PASSED)


def receipt(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the receipts.")],
    feed: Feed = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="ID", help="Only this delivery; else each that was judged.")
    ] = None,
    *,
    weekly: Annotated[
        bool,
        typer.Option(
            "--weekly", help="Of each week that is over, write a quality file and a list of differences."
        ),
    ] = False,
) -> None:
    """Write the receiver's acknowledgement of each judged delivery, for the sender: one JSON file each, once.

    The counts in it are exact: give it to the sender of the delivery only. With --weekly, the same of each week:
    its verdicts and findings (JSON), and a row a finding with what was counted and expected (CSV).
    """
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.histories import open_reader
    from ketenwacht.workflows.receipts import write_receipts, write_weeks

    options: Options = context.obj
    project = options.load_project()
    named = project.feed(feed)
    with open_reader(project, named.name, replay=False, on_warning=print_note) as reader:
        done = write_receipts(named, reader.history, folder, delivery=delivery)
        today = clock.now().astimezone(project.zone).date()
        weeks = write_weeks(named, reader.history, folder, today=today) if weekly else []
    paths = [str(path) for path in (*done.written, *weeks)]
    if options.json:
        print_json({"schema": "ketenwacht/receipts/1", "feed": named.name, "paths": paths, "before": done.before})
    else:
        params = {"written": Amount(len(done.written)), "before": Amount(done.before)}
        open_console().print(default_formatter().label("cli.receipts", **params), markup=False)
        if weekly:
            label = default_formatter().label("cli.weeks", written=Amount(len(weeks)))
            open_console().print(label, markup=False)
    raise typer.Exit(ExitCode.PASSED)
