"""Commands to set up a feed, and to check the setup: init, lint, simulate, doctor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketenwacht.errors import ConfigError

from .options import First, Last, Options, Seed
from .output import ExitCode, default_formatter, open_console, open_screen, print_json, print_line

if TYPE_CHECKING:
    from ketenwacht.workflows.init import InitResult


def _print_scenarios(context: typer.Context, scenario: str) -> str:
    """Print every scenario and exit for `--scenario list`."""
    if scenario == "list":
        from ketenwacht.simulate import SCENARIOS

        if context.obj.json:
            shown = [{"name": one.name, "description": one.description} for one in SCENARIOS]
            print_json({"schema": "ketenwacht/scenarios/1", "scenarios": shown})
            raise typer.Exit(ExitCode.PASSED)
        for one in SCENARIOS:
            print_line(f"{one.name:28} {one.description}")
        raise typer.Exit(ExitCode.PASSED)
    return scenario


Scenario = Annotated[
    str,
    typer.Option(
        "--scenario", callback=_print_scenarios, is_eager=True, help="What happens; `list` names them all."
    ),
]


def _print_templates(context: typer.Context, template: str | None) -> str | None:
    """Print every template and exit for `--template list`."""
    if template != "list":
        return template
    from ketenwacht.config.templates import TEMPLATES

    if context.obj.json:
        shown = [{"name": name, "description": what} for name, what in TEMPLATES.items()]
        print_json({"schema": "ketenwacht/templates/1", "templates": shown})
    else:
        for name, what in TEMPLATES.items():
            print_line(f"{name:28} {what}")
    raise typer.Exit(ExitCode.PASSED)


_CODES = {
    "fine": ExitCode.PASSED,
    "absent": ExitCode.PASSED,
    "warning": ExitCode.PASSED,
    "misconfigured": ExitCode.USAGE,
    "unreachable": ExitCode.NOT_JUDGED,
    "stuck": ExitCode.NOT_DELIVERED,
}
"""How a thing is found by `doctor` → exit code."""


suite = typer.Typer(help="Expectation suites: adopt one of another project.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    suite.command("adopt")(adopt)
    app.add_typer(suite, name="suite")
    app.command("init")(init)
    app.command("lint")(lint)
    app.command("simulate")(simulate)
    app.command("doctor")(doctor)


def init(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write; nothing is overwritten.")
    ] = Path(),
    sample: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER|GLOB|URL#TABLE",
            help="A sample to learn from: deliveries here or at an address (s3://…), or a table.",
        ),
    ] = None,
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="NAME", help="Name of the feed; else after the sample.")
    ] = None,
    period_format: Annotated[
        str | None,
        typer.Option(
            "--period-format", metavar="LAYOUT", help="How the sample writes its periods, such as %d-%m-%Y."
        ),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="COLUMN", help="The column with the period of a row.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="COLUMN,…", help="The columns that together identify a person.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="C", help="The delimiter of a CSV sample.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="The encoding of a sample of text.")
    ] = None,
    storage: Annotated[
        list[str] | None,
        typer.Option(
            "--storage",
            metavar="KEY=VALUE",
            help="How an address is reached, as in `source.storage`; a secret as '${NAME}'; repeatable.",
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="KEY=VALUE",
            help="A setting of `source` that the sample does not show, as in config.yaml; repeatable.",
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="NAME",
            callback=_print_templates,
            help="Begin with a worked example and fictional deliveries; `list` names them all.",
        ),
    ] = None,
    language: Annotated[
        Literal["en", "nl"] | None,
        typer.Option("--language", help="Of alerts; else Dutch in a Dutch locale (LANG), English in others."),
    ] = None,
) -> None:
    """Write a commented config.yaml, expectations/ and checks/ for a new feed."""
    from ketenwacht.config.load import parse_value
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.init import (
        SampleOptions,
        choose_language,
        start_feed,
        start_feed_from,
        start_feed_of_template,
    )

    options: Options = context.obj
    spoken = language or choose_language(clock.environment())
    if template is not None:
        if sample is not None:
            raise ConfigError("--template", "a feed begins with a template or with a sample", "leave one out")
        started = start_feed_of_template(folder, template, feed=feed, language=spoken, now=clock.now())
        _print_started(started, folder, options)
        return
    given = {"--period-format": period_format, "--period": period, "--key": key, "--delimiter": delimiter}
    given |= {"--encoding": encoding, "--storage": " ".join(storage) if storage else None}
    given |= {"--source": " ".join(source) if source else None}
    for option, value in given.items():
        if sample is None and value is not None:
            raise ConfigError(option, "there is no sample", "name one with --from")
    settings = {name: parse_value(value, "--source") for name, value in _split_pairs("--source", source)}
    known = SampleOptions(
        period, period_format, key, delimiter, encoding, dict(_split_pairs("--storage", storage)), settings, spoken
    )
    started = (
        start_feed(folder, language=spoken, feed=feed)
        if sample is None
        else start_feed_from(folder, sample, feed=feed, options=known)
    )
    _print_started(started, folder, options)


_EXAMPLES = {"--storage": "region=eu-west-1", "--source": "skip_lines=2"}


def _split_pairs(option: str, given: Sequence[str] | None) -> list[tuple[str, str]]:
    for one in given or ():
        if "=" not in one:
            raise ConfigError(option, "has no =", f"write {option} {_EXAMPLES[option]}")
    return [(name, value) for name, _, value in (one.partition("=") for one in given or ())]


def _print_started(started: InitResult, folder: Path, options: Options) -> None:
    from ketenwacht.workflows.init import summarise

    suggested = summarise(started.suggested) if started.suggested is not None else {}
    if options.json:
        files = [str(path) for path in started.files]
        told = {"feed": started.feed, "files": files, "suggested": suggested, "notes": list(started.notes)}
        print_json(told)
        return
    for path in started.files:
        print_line(str(path))
    for name, text in suggested.items():
        print_line(f"  {name}: {text}")
    for note in started.notes:
        print_line(f"  {default_formatter().label('cli.note', note=note)}")
    steps = [f"ketenwacht -c {folder / 'config.yaml'} lint"]
    found = started.suggested
    if found is not None and found.first is not None and found.last is not None:
        steps.append(f"ketenwacht -c {folder / 'config.yaml'} replay --from {found.first} --to {found.last}")
    open_console().print(
        default_formatter().label("cli.next", steps="\n      ".join(steps)), markup=False, soft_wrap=True
    )


def lint(context: typer.Context) -> None:
    """Validate configuration, suites and checks without data."""
    from ketenwacht.workflows.lint import find_faults

    options: Options = context.obj
    faults = find_faults(options.config, overrides=options.overrides)
    if options.json:
        print_json([{"where": f.where, "what": f.what, "mend": f.mend} for f in faults])
    elif faults:
        for fault in faults:
            print_line(str(fault))
        options.print_verdict(_count_faults(faults))
    else:
        open_console().print(default_formatter().label("cli.nothing_to_mend"))
    raise typer.Exit(ExitCode.USAGE if faults else ExitCode.PASSED)


def _count_faults(faults: Sequence[ConfigError]) -> str:
    from ketenwacht.domain.statement import Amount

    files = {fault.where.partition(":")[0] for fault in faults}
    return default_formatter().label("faults.count", faults=Amount(len(faults)), files=Amount(len(files)))


def simulate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; an earlier simulation is replaced.")
    ],
    first: First,
    last: Last,
    seed: Seed = 1,
    scenario: Scenario = "healthy",
    canaries: Annotated[
        Path | None,
        typer.Option("--canaries", metavar="LIST", help="Synthetic persons that the sender puts in."),
    ] = None,
) -> None:
    """Write fictional deliveries in the real format, with what the sender and others know of the same persons."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.messages.views import segment_text
    from ketenwacht.simulate import simulate as write

    options: Options = context.obj
    truth = write(folder, first=first.date(), last=last.date(), seed=seed, scenario=scenario, canaries=canaries)
    if options.json:
        print_json(json.loads(truth.to_json()))
        return
    totals = truth.totals
    formatter = default_formatter()  # its persons are fictional: they are counted exactly
    counts = {"deliveries": Amount(totals.deliveries), "persons": Amount(totals.delivered)}
    print_line(formatter.label("cli.simulated", folder=str(folder), scenario=scenario, seed=str(seed), **counts))
    for planted in truth.missing:
        count, segment = Amount(planted.count), segment_text(planted.segment, formatter)
        print_line(f"  {formatter.label('cli.planted_missing', count=count, segment=segment)}")
    for defect in truth.defects:
        named = {"kind": defect.kind, "delivery": defect.delivery, "status": defect.expected_status}
        print_line(f"  {formatter.label('cli.planted_defect', **named)}")


def doctor(context: typer.Context) -> None:
    """Say what is misconfigured, unreachable or stuck, and what to do about it; nothing is judged or changed.

    Exit codes: 0 nothing is in the way (1 with --strict and a warning), 2 misconfigured, 3 unreachable,
    4 alerts are stuck; the highest when there are several.
    """
    from ketenwacht.render.terminal import print_symptom
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.doctor import examine

    options: Options = context.obj
    found = []
    console = open_screen()
    for symptom in examine(options.config, overrides=options.overrides, at=clock.now()):
        found.append(symptom)
        if not options.json:
            print_symptom(symptom.trouble.value, symptom.subject, symptom.text, symptom.mend, console)
            if _CODES[symptom.trouble.value] is not ExitCode.PASSED:
                options.print_verdict(f"{symptom.subject}: {symptom.text} — {symptom.mend}")
    code = max((_CODES[symptom.trouble.value] for symptom in found), default=ExitCode.USAGE)
    if options.strict and code is ExitCode.PASSED and any(s.trouble.value == "warning" for s in found):
        code = ExitCode.FAILED
    if options.json:
        rows = [{"subject": s.subject, "trouble": s.trouble.value, "what": s.text, "mend": s.mend} for s in found]
        print_json({"schema": "ketenwacht/doctor/1", "findings": rows})
    raise typer.Exit(code)


def adopt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A suite of Great Expectations 0.x or 1.x.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="F", help="Where to write it, else expectations/; nothing is overwritten."),
    ] = None,
) -> None:
    """Convert a suite of another Great Expectations project, and list every change."""
    from ketenwacht.measure.suite_adopt import adopt_suite, describe_adopted, to_json

    options: Options = context.obj
    adopted = adopt_suite(file)
    if not adopted.kept:
        why = adopted.refused[0] if adopted.refused else None
        mend = f"{why.where}: {why.what} - {why.mend}" if why is not None else "add an expectation"
        raise ConfigError(str(file), "no expectation of this suite can be judged", mend)
    target = to or options.config.parent / "expectations" / f"{file.stem}.json"
    if target.exists():
        raise ConfigError(str(target), "there is a file already", "name another with --to")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(adopted.document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if options.json:
        changes, refused = to_json(adopted.changes), to_json(adopted.refused)
        print_json({"file": str(target), "kept": adopted.kept, "changes": changes, "refused": refused})
        return
    print_line(str(target))
    print_line(f"kept: {adopted.kept}")
    for line in describe_adopted(adopted):
        print_line(line)
