"""The places of the code that `make mutants` may change, and what each change is."""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ketenwacht"
_LONGEST_TEXT = 80
_SHOWN = 60  # characters of a change in the list of survivors

_COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one file."""

    file: Path
    line: int
    end: int
    index: int
    """Its number among the places of the file."""
    where: str
    """The function or class, or the name that the statement binds."""
    change: str
    """Before → after."""
    in_function: bool
    statement: tuple[int, int]
    """First line of the statement, and the line after its last."""

    @property
    def name(self) -> str:
        """As survivors are shown."""
        return f"{self.file.relative_to(SOURCE)}:{self.line}  {self.where}: {self.change}"

    @property
    def key(self) -> str:
        """As the list of equivalent mutations holds it: without the line, which moves."""
        return f"{self.file.relative_to(SOURCE)}  {self.where}: {self.change}"


@dataclass(frozen=True, slots=True)
class Place:
    """A node that can be changed, and where it stands."""

    node: ast.expr | ast.stmt
    where: str
    in_function: bool
    statement: ast.stmt


def read_places(tree: ast.Module) -> list[Place]:
    """Return every node that can be changed, in a stable order; what decides nothing is left out."""
    places: list[Place] = []
    _visit(tree, (), False, None, places)  # type: ignore[arg-type]
    return places


def _visit(node: ast.AST, where: tuple[str, ...], inside: bool, statement: ast.stmt, found: list[Place]) -> None:  # noqa: FBT001
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _decides_nothing(node, name, child):
                continue
            below = inside or (isinstance(node, (*_FUNCTIONS, ast.Lambda)) and name == "body")
            holder = child if isinstance(child, ast.stmt) else statement
            path = where + _bound(child) if isinstance(child, ast.stmt) and not below else where
            if isinstance(child, (*_FUNCTIONS, ast.ClassDef)) and below:
                path = (*where, child.name)
            if isinstance(child, (ast.expr, ast.stmt)) and change(child) is not None:
                found.append(Place(child, ".".join(path) or "module", below, holder))
            _visit(child, path, below, holder, found)


def _bound(node: ast.stmt) -> tuple[str, ...]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
    return ()


def _decides_nothing(parent: ast.AST, name: str, child: ast.AST) -> bool:  # noqa: PLR0911 - one case a kind
    """Tell annotations, docstrings, `__all__`, blocks and arguments of type checkers, and `zip(strict=…)`."""
    match parent, child:
        case _ if name in {"annotation", "returns", "type_params"}:
            return True
        case _, ast.Expr(value=ast.Constant()):
            return True
        case _, ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case _, ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Call(func=ast.Name(id="cast" | "TypeVar" | "NewType")), _ if name == "args":
            return True
        case ast.keyword(arg="strict"), ast.Constant():
            return True
        case ast.Subscript(value=ast.Name(id="Literal")), _ if name == "slice":
            return True
    return False


def change(node: ast.AST) -> ast.AST | None:  # noqa: C901 - one case a kind of change
    """Return the changed node; None where nothing is to change. The node itself stays."""
    new = copy.copy(node)
    match new:
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            new.ops = [_COMPARE[type(op)]()]
        case ast.BinOp(op=op) if type(op) in _BINARY:
            new.op = _BINARY[type(op)]()
        case ast.BoolOp(op=op):
            new.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            return new.operand
        case ast.Constant(value=bool() as value):
            new.value = not value
        case ast.Constant(value=int() | float() as value):
            new.value = value + 1
        case ast.Constant(value=str() as value) if 0 < len(value) < _LONGEST_TEXT and "\n" not in value:
            new.value = value + "x"
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            new.func = ast.copy_location(ast.Name(_CALLS[name], ast.Load()), new.func)
        case ast.If() | ast.IfExp():
            new.test = ast.copy_location(ast.UnaryOp(ast.Not(), new.test), new.test)
        case ast.Continue() | ast.Break():
            return ast.copy_location(ast.Pass(), new)
        case _:
            return None
    return new


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST) -> None:
        self.target = target

    def visit(self, node: ast.AST) -> ast.AST:
        return change(node) or node if node is self.target else self.generic_visit(node)


def mutate(mutation: Mutation) -> ast.Module:
    """Return the tree of the file with the change in it; every line keeps its number."""
    tree = ast.parse(mutation.file.read_text(encoding="utf-8"))
    target = read_places(tree)[mutation.index].node
    return ast.fix_missing_locations(_Replace(target).visit(tree))


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        node = node.test
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def describe(node: ast.AST) -> str:
    """Return before → after, short."""
    after = change(node)
    return f"{_shown(node)} → {_shown(after)}" if after is not None else ""


def draw_mutations(count: int, seed: int, only: Sequence[str]) -> list[Mutation]:
    """Return so many mutations, over all files in proportion to their places; the same for the same seed."""
    every: list[tuple[Path, int]] = []
    places: dict[Path, list[Place]] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        part = str(file.relative_to(SOURCE))
        if "migrations" in part or (only and not part.startswith(tuple(only))):
            continue
        places[file] = read_places(ast.parse(file.read_text(encoding="utf-8")))
        every += [(file, number) for number in range(len(places[file]))]
    order = np.random.default_rng(seed).permutation(len(every))
    return [_mutation(file, number, places[file][number]) for file, number in (every[i] for i in order[:count])]


def _mutation(file: Path, number: int, place: Place) -> Mutation:
    node, statement = place.node, place.statement
    end = node.test.end_lineno if isinstance(node, ast.If) else node.end_lineno
    return Mutation(
        file, node.lineno, end or node.lineno, number, place.where, describe(node), place.in_function,
        (statement.lineno, (statement.end_lineno or statement.lineno) + 1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Where functions of the package use a name of a module, and which names a table uses."""

    in_functions: dict[str, set[tuple[str, int]]]
    in_tables: dict[str, set[str]]
    """By name: the names at the top of modules whose statement uses it."""

    def lines_of(self, mutation: Mutation) -> set[tuple[str, int]]:
        """Return (file, line) of what uses the changed name, itself or through a table or two."""
        first = mutation.where.split(".")
        wanted = {first[-1], first[0]}
        for _ in range(3):
            wanted |= {user for name in wanted for user in self.in_tables.get(name, ())}
        return {place for name in wanted for place in self.in_functions.get(name, ())}


@cache
def read_names() -> Names:
    """Read who uses which name, over the whole package."""
    in_functions: dict[str, set[tuple[str, int]]] = defaultdict(set)
    in_tables: dict[str, set[str]] = defaultdict(set)
    for file in SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        part = str(file.relative_to(SOURCE))
        for top in tree.body:
            for statement in top.body if isinstance(top, ast.ClassDef) else [top]:
                _read_statement(part, top, statement, in_functions, in_tables)
    return Names(in_functions, in_tables)


def _read_statement(
    part: str,
    top: ast.stmt,
    statement: ast.stmt,
    in_functions: dict[str, set[tuple[str, int]]],
    in_tables: dict[str, set[str]],
) -> None:
    if isinstance(statement, _FUNCTIONS):
        names = (top.name,) if isinstance(top, ast.ClassDef) else ()
        body = {(part, node.lineno) for one in statement.body for node in ast.walk(one) if hasattr(node, "lineno")}
        for name in (*names, statement.name):
            in_functions[name] |= body
        for line, name in _used(statement):
            in_functions[name].add((part, line))
    elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
        users = set(_bound(statement)) | set(_bound(top))
        for _, name in _used(statement):
            in_tables[name] |= users


def _used(node: ast.AST) -> Iterator[tuple[int, str]]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.lineno, one.id
        elif isinstance(one, ast.Attribute):
            yield one.lineno, one.attr
