"""The commented files of a new feed: config.yaml, its suite and its checks. Existing files are not overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ketenwacht.domain.statement import Language
from ketenwacht.errors import ConfigError

from .json_schema import SCHEMAS, as_text

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/.-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"})


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A setting as YAML text, and why it is as it is."""

    text: str
    why: str = ""

    @property
    def comment(self) -> str:
        """The reason as a YAML comment; empty without one."""
        return f" # {self.why}" if self.why else ""


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """One check: its kind, its settings as lines of YAML, and why it is there."""

    kind: str
    why: str = ""
    settings: tuple[str, ...] = ()

    @property
    def comment(self) -> str:
        """The reason as a YAML comment; empty without one."""
        return f" # {self.why}" if self.why else ""


@dataclass(frozen=True, slots=True)
class FeedDraft:
    """A new feed, before it is written.

    Attributes:
        feed: its name.
        title: for people.
        language: of messages.
        source: the settings of its source.
        in_place: whether its rows are where they could be judged without copying them.
        segments: the dimensions to count by.
        checks: of its checks file.
        expectations: of its suite, as Great Expectations writes them.
        budget: false alarms a year.
        period_column: None when a file is a delivery.
        schedule: None: none.
        no_schedule: why there is none, to follow on a comment.
        key: None: none.
    """

    feed: str
    title: str
    language: Language
    source: tuple[TemplateLine, ...]
    segments: TemplateLine
    checks: tuple[CheckDraft, ...]
    expectations: tuple[Mapping[str, Any], ...]
    budget: float
    period_column: str | None = None
    schedule: TemplateLine | None = None
    no_schedule: str = ""
    key: TemplateLine | None = None
    in_place: bool = False

    @property
    def file(self) -> str:
        """Name of its suite and checks, without ending."""
        return self.feed.replace("-", "_")


def check_name(feed: str, where: str) -> str:
    """Return the name of a feed, when it can be one.

    Raises:
        ConfigError: it is no word.
    """
    if not _NAME.fullmatch(feed):
        raise ConfigError(where, "this is no name for a feed", "use letters, digits, - and _, a letter first")
    return feed


def quote(text: object) -> str:
    """Return a value as YAML in one line that means the same text again, quoted unless it is plainly a word."""
    word = str(text)
    if _PLAIN.fullmatch(word) and word.casefold() not in _WORDS:
        return word
    return json.dumps(word, ensure_ascii=False)


def quote_list(texts: Sequence[object]) -> str:
    """Return a list of texts as YAML in one line."""
    return "[" + ", ".join(quote(text) for text in texts) + "]"


def render_feed(draft: FeedDraft) -> dict[str, str]:
    """Return the path → content of every file of a new feed."""
    environment = Environment(
        loader=PackageLoader("ketenwacht.config", "feed_templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML, where every value goes through `quoted`
    )
    environment.filters["quoted"] = quote
    suite = {
        "name": draft.file,
        "notes": "What one delivery must satisfy by itself, in the JSON of Great Expectations.",
        "meta": {"great_expectations_version": version("great-expectations")},
        "expectations": list(draft.expectations),
    }
    return {
        "config.yaml": environment.get_template("config.yaml.j2").render(draft=draft),
        f"checks/{draft.file}.yaml": environment.get_template("checks.yaml.j2").render(draft=draft),
        f"expectations/{draft.file}.json": json.dumps(suite, indent=2, ensure_ascii=False) + "\n",
        **{f"schemas/{name}": as_text(make(plugged=True)) for name, make in SCHEMAS.items()},
    }


TEMPLATES = {
    "daily-files": "a file each working day, a row a person",
    "weekly-counts": "a file each week, a row a group with its count",
    "database-table": "one table with the records of all days, judged in the database",
    "two-party-reconciliation": "daily files and the register of the sender, compared person by person",
    "ci-gate": "daily files, and a staging environment that is judged before a release",
}
"""Name of a template → what it is for; each is a folder of `feed_templates`."""


def render_template(name: str, feed: str, language: Language) -> dict[str, str]:
    """Return the path → content of every file of a template.

    Args:
        name: of the template.
        feed: name of the feed.
        language: of messages.

    Raises:
        ConfigError: there is no such template.
    """
    if name not in TEMPLATES:
        raise ConfigError("--template", "there is no such template", f"use one of: {', '.join(TEMPLATES)}")
    folder = Path(__file__).parent / "feed_templates" / name
    file = feed.replace("-", "_")
    environment = Environment(
        variable_start_string="<<",  # braces stand in layouts of names and in workflows of build servers
        variable_end_string=">>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML and JSON, and the name of a feed holds letters, digits, - and _ only
    )
    texts = {
        path.relative_to(folder).as_posix().replace("FEED", file): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {
        **{
            path: environment.from_string(text).render(feed=feed, file=file, language=language)
            for path, text in texts.items()
        },
        **{f"schemas/{schema}": as_text(make(plugged=True)) for schema, make in SCHEMAS.items()},
    }


def write_new(folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write every file, or none when one of them is there with other content.

    Raises:
        ConfigError: naming the file that is in the way, or the folder that cannot be written.
    """
    for name, text in files.items():
        path = folder / name
        if path.exists() and not _same(path, text):
            raise ConfigError(str(path), "is there already, and nothing is overwritten", "choose another folder")
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(folder), f"cannot be written ({error.strerror})", "choose another folder") from None
    return tuple(folder / name for name in files)


def _same(path: Path, text: str) -> bool:
    """Return whether a file that tells nothing of a feed is there as it would be written."""
    return path.parent.name == "schemas" and path.is_file() and path.read_text(encoding="utf-8") == text
