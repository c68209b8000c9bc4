"""What each kind of check is to others: its settings and defaults, what it can say, what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields

from ketenwacht.domain.check_traits import CheckTraits, traits_of
from ketenwacht.domain.checks import KINDS


def describe(kind: type) -> Iterator[str]:
    """One line a fact of a kind."""
    yield f"kind {kind.kind}"
    for one in fields(kind):
        made = one.default_factory() if one.default_factory is not MISSING else one.default
        yield f"  setting {one.name}" + ("" if made is MISSING else f" = {made!r}")
    for code, params in sorted(kind.codes.items()):
        yield f"  says {code}: " + ", ".join(
            f"{name} {getattr(value, '__name__', value)}" for name, value in params.items()
        )
    traits = traits_of(kind)
    for one in fields(CheckTraits):
        value = getattr(traits, one.name)
        if one.name == "settings":
            for name, setting in sorted(value.items()):
                holds = setting.holds.value if setting.holds else "-"
                yield f"  range {name}: {setting.least} to {setting.most}, {setting.weight.value}, holds {holds}"
        elif not callable(value):
            yield f"  {one.name}: {getattr(value, 'value', value)}"


def test_every_kind_has_the_settings_codes_and_traits_that_others_know(golden):
    golden("kinds.txt", "\n".join(line for kind in KINDS for line in describe(kind)) + "\n")
