"""What every code of a result says, in every language; a test holds them to the kinds of check."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.statement import LEGACY

from .base import Texts
from .results_delivery import DELIVERY
from .results_problem import PROBLEM
from .results_release import RELEASE
from .results_stream import STREAM

RESULTS: Mapping[str, Texts] = {
    **DELIVERY,
    **PROBLEM,
    **STREAM,
    **RELEASE,
    # words without a code, such as those of an earlier release: they are never shown inside Dutch
    LEGACY: {
        "nl": "Hierover is alleen een Engelse tekst bewaard: zie `ketenwacht history`.",
        "en": "{text}",
    },
}
