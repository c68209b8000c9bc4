"""Every reader and format has its line in the tuple of its kind."""

import importlib
import inspect
import pkgutil

from ketenwacht import sources
from ketenwacht.config.json_schema import READERS as WORDS
from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.sources import READERS, formats, open_source
from ketenwacht.sources.readers import GuardedReader

SOURCES = (
    FileSource(path="in", pattern="{date}.csv"),
    FileSource(path="x.csv", period_column="day"),
    TableSource(url="sqlite:///x.db", table="t", period_column="day"),
)


def modules_of(package):
    return [
        importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)
    ]


def test_every_format_is_in_the_tuple():
    found = [one for one in vars(formats).values() if isinstance(one, formats.FileFormat)]
    assert {form.name for form in found} == {form.name for form in formats.FORMATS} == set(WORDS)


def test_every_reader_is_built_by_one_kind_of_source(tmp_path):
    written = {
        cls
        for module in modules_of(sources)
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and {"find", "verify", "load"} <= set(vars(cls))
    }
    written = {cls for cls in written if not getattr(cls, "_is_protocol", False)}
    written -= {GuardedReader}  # what it opens comes from another package: tests/plugins
    assert {type(open_source("feed", source, root=tmp_path)) for source in SOURCES} == written


def test_every_source_belongs_to_one_reader():
    for source in SOURCES:
        assert sum(kind.reads(source) for kind in READERS) == 1
