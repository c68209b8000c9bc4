"""Contracts that installed packages of other authors ship import, are judged, and go out again unchanged.

Two are dependencies of the tests; `pip install datacontract-cli`, as any other package, brings more.
"""

import importlib.metadata
import re
from pathlib import Path

import pytest

from ketenwacht.contract import from_odcs, to_odcs
from ketenwacht.errors import ConfigError
from ketenwacht.measure.suite import KNOWN, SuiteEntry
from ketenwacht.measure.suite_lint import find_entry_faults
from ketenwacht.workflows.contracts import read_odcs


def shipped():
    """Every ODCS document in an installed package, by package."""
    for one in importlib.metadata.distributions():
        for file in one.files or ():
            if file.suffix in (".yaml", ".yml") and "odcs" in file.name.lower():
                path = Path(str(file.locate()))
                if path.is_file() and re.search('kind: *"?DataContract', path.read_text(encoding="utf-8")):
                    yield one.metadata["Name"], path


EXAMPLES = sorted(set(shipped()))
DEPENDENCIES = {"contractctl", "contractmodel"}
"""Packages whose contracts must import; what another package ships may be no contract yet."""


def test_each_dependency_ships_a_contract():
    assert {package for package, _ in EXAMPLES} >= DEPENDENCIES


@pytest.mark.parametrize(("package", "path"), EXAMPLES, ids=[f"{name}-{path.name}" for name, path in EXAMPLES])
def test_a_shipped_contract_imports_and_goes_out_unchanged(package, path):
    try:
        contracts, _ = read_odcs(path)
    except ConfigError as fault:
        if package in DEPENDENCIES:
            raise
        pytest.skip(f"{package}: {fault.what}")
    for contract in contracts:
        entries = [SuiteEntry(str(path), 1, raw) for suite in contract.suites for raw in suite.expectations]
        assert [fault for entry in entries for fault in find_entry_faults(entry)] == []
        exported = to_odcs(contract)
        assert to_odcs(from_odcs(exported, where="x", known=KNOWN.__contains__).contracts[0]) == exported
