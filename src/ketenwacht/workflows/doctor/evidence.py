"""Which independent evidence of a feed is at hand, as files; none of it is kept by looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from glob import iglob
from pathlib import Path

from ketenwacht.domain.feed import Feed
from ketenwacht.sources import read_inquiries, read_references
from ketenwacht.workflows.intake import register_files
from ketenwacht.workflows.project import LoadedProject

from .symptoms import Symptom, SymptomLevel, fine, guarded, plural


def evidence_of(project: LoadedProject, feed: Feed) -> Iterator[Symptom]:
    """One symptom a kind of evidence: what is there, or what its absence leaves unproven."""
    dimensions = tuple(dict.fromkeys(name for names in feed.segments for name in names))
    files: tuple[tuple[str, Sequence[str], Callable[[Path], date]], ...] = (
        ("references", feed.evidence.references, partial(_last_reference, dimensions)),
        ("inquiries", feed.evidence.inquiries, _last_inquiry),
    )
    for kind, globs, newest in files:
        yield from guarded(f"{feed.name} {kind}", partial(_files, project.root, feed, kind, globs, newest))
    yield from guarded(f"{feed.name} register", partial(_register, project.root, feed))


def _files(
    root: Path, feed: Feed, kind: str, globs: Sequence[str], newest: Callable[[Path], date]
) -> Iterator[Symptom]:
    subject = f"{feed.name} {kind}"
    if not globs:
        yield Symptom(SymptomLevel.ABSENT, subject, "none configured; what they would prove stays unproven")
        return
    found = [Path(name) for glob in globs for name in sorted(iglob(str(root / glob)))]  # noqa: PTH207 - see Intake
    if not found:
        yield Symptom(
            SymptomLevel.WARNING, subject, f"no file matches {', '.join(globs)}", "bring some, or leave it out"
        )
        return
    last = max(newest(path) for path in found)
    yield fine(
        subject,
        f"{plural(len(found), 'file')}, up to {last}"
        if last > date.min
        else f"{plural(len(found), 'empty file')}",
    )


def _last_reference(dimensions: Sequence[str], path: Path) -> date:
    return max((f.period_to for f in read_references(path, dimensions=dimensions)), default=date.min)


def _last_inquiry(path: Path) -> date:
    return max((count.day for count in read_inquiries(path)), default=date.min)


def _register(root: Path, feed: Feed) -> Iterator[Symptom]:
    subject, register = f"{feed.name} register", feed.evidence.register
    if register is None:
        said = "none configured; a loss that counts cannot show is only found by inquiries"
        yield Symptom(SymptomLevel.ABSENT, subject, said)
        return
    if feed.key is None:
        mend = f"name the column that identifies a person: feeds.{feed.name}.key"
        yield Symptom(SymptomLevel.MISCONFIGURED, subject, "the feed has no key to compare it by", mend)
        return
    found = list(register_files(register, root))
    if not found:
        said = f"{register.path} holds no {register.pattern}"
        yield Symptom(
            SymptomLevel.WARNING, subject, said, f"ask {feed.sender} for one, or correct path and pattern"
        )
        return
    yield fine(subject, f"{plural(len(found), 'snapshot')}, the newest of {found[-1][0]}")
