"""Words by which Dutch and English are told apart in a message."""

from __future__ import annotations

import re

WORDS = {
    "en": "the and were not with since from this that delivery deliveries person persons missing received "
    "expected nobody than what who sender receiver rows days hours by are has have which their for only could "
    "but should without will shall be been does did one two more checks check column columns count counts share",
    "nl": "de het een niet van zijn wordt werd worden levering leveringen persoon personen ontbreken ontbreekt "
    "sinds geen naar voor aan dat deze afzender ontvanger dagen rijen regels kolom aantal te bij uit nog wel kan "
    "moet heeft hebben waar wie wat om meer dan en er",
}
"""Words of each language that the other one does not have."""


def foreign(text, language):
    """The words of the other language in a text; commands and names in quotes aside."""
    other = "en" if language == "nl" else "nl"
    prose = re.sub(r"`[^`]*`|\{[^}]*\}|https?://\S+", " ", text)
    return sorted(set(re.findall(r"[a-zë-]+", prose.lower())) & set(WORDS[other].split()))
