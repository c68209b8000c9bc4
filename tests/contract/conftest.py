import importlib.util
import json
from pathlib import Path

import contract_samples
import jsonschema
import pytest


@pytest.fixture
def small():
    return contract_samples.trees()


@pytest.fixture(scope="session")
def odcs_schema():
    """The standard's own JSON Schema, from the package that its authors publish."""
    found = importlib.util.find_spec("open_data_contract_standard")
    if found is None or found.origin is None:
        pytest.skip("open-data-contract-standard is not installed: nothing to hold a document against")
    schema = json.loads((Path(found.origin).parent / "schema.json").read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)
