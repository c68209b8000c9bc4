"""How `fuzz.py` changes a sound input: its bytes, the cells of a table, or the values of a tree."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from ruamel.yaml import YAML

_DOUBLE, _AS_BYTES = 0.2, 0.45  # how often a line is doubled; how often a document is changed as bytes

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 10**17, 10**40, 1.5, -0.0, 1e308, float("inf"), float("nan"), "", " ", "\0", "x" * 5000,
    "2022-02-30", "9999-12-31", "0000-00-00", "12:60", "${HOME}", "${", "../..", "/dev/null", "sqlite://", "http://[", "0x10",
    "1_000", "+1", "١", "é\u0301", "\ud7ff", "\u202e", "{}", "[]", [], {}, [[]], [None], {"": None}, {"a": {"a": {"a": 1}}}, ["a"] * 50,
)  # fmt: skip
ODD_TEXTS = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b";", b",", b"\t", b"\n", b"\r", b"\r\n", b":", b"- ", b"&a ", b"*a", b"!!", b"!t ", b"|",
    b">", b"{", b"}", b"[", b"]", b"#", b"\\", b"\\u0000", b"NULL", b"NaN", b"-1", b"1e999", b"1.000,5", b"2022-02-30", b"9999-12-31",
    b"9" * 400, b"[" * 200, b'{"a":' * 200, b"${X}", b"${", b"%s", b"{date:%Y%m%d}", b"..", b"/", b"\xe2\x80\xae", b"\xed\xa0\x80",
)  # fmt: skip


def change_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return `data` after one to four changes at random places."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 1, 2, 5, 20, 200)))
        odd = rng.choice(ODD_TEXTS)
        data = rng.choice(
            (
                data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
                data[:at] + data[to:],
                data[:to] + data[at:to] * rng.choice((1, 2, 50)) + data[to:],
                data[:at] + odd + data[at:],
                data[:at] + odd + data[to:],
                data[:at],
            )
        )
    return data


def change_cells(data: bytes, rng: random.Random) -> bytes:
    """Return a delimited file with cells, lines or columns replaced, doubled or left out."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        number = rng.randrange(len(lines))
        cells = lines[number].split(b";")
        at = rng.randrange(len(cells))
        before, after = cells[:at], cells[at + 1 :]
        changed = (
            [*before, rng.choice(ODD_TEXTS), *after],
            [*before, *after],
            [*before, cells[at], cells[at], *after],
            before,
        )
        doubled = [lines[number]] if rng.random() < _DOUBLE else []
        lines[number : number + 1] = [*doubled, b";".join(rng.choice(changed))]
    return b"\n".join(lines)


def change_tree(tree: Any, rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    """Return a tree of mappings and lists with one to three of its values replaced, renamed or left out."""
    tree = json.loads(json.dumps(tree))
    for _ in range(rng.randint(1, 3)):
        places = list(_places(tree))
        if not places:
            return rng.choice(ODD_VALUES)
        parent, key = rng.choice(places)
        value = parent.pop(key)
        odd = copy.deepcopy(rng.choice(ODD_VALUES))
        new = rng.choice(
            ((key, odd), (key, odd), (key, [value]), (key, {"a": value}), (str(odd)[:40], value), None)
        )
        if new is None:
            continue
        if isinstance(parent, list):
            parent.insert(key, new[1])
        else:
            parent[new[0]] = new[1]
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(pairs):
        yield tree, key
        yield from _places(value)


def change_json(data: bytes, rng: random.Random) -> bytes:
    """Return a JSON document that was changed as a tree, or as bytes."""
    if rng.random() < _AS_BYTES:
        return change_bytes(data, rng)
    return json.dumps(change_tree(json.loads(data), rng), ensure_ascii=rng.random() < _AS_BYTES).encode(
        errors="surrogatepass"
    )


def change_json_lines(data: bytes, rng: random.Random) -> bytes:
    """Return lines of JSON of which one was changed."""
    lines = data.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = change_json(lines[at], rng).replace(b"\n", b" ")
    return b"\n".join(lines) + b"\n"


def change_yaml(data: bytes, rng: random.Random) -> bytes:
    """Return a YAML document that was changed as a tree, or as bytes."""
    if rng.random() < _AS_BYTES:
        return change_bytes(data, rng)
    tree = _plain(YAML(typ="safe", pure=True).load(data.decode()))
    return json.dumps(change_tree(tree, rng)).encode()  # JSON is YAML


def _plain(tree: Any) -> Any:  # noqa: ANN401 - YAML
    if isinstance(tree, dict):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    return tree.isoformat() if isinstance(tree, date) else tree
