import json
from importlib.resources import files

import contract_samples
import jsonschema
import pytest


@pytest.fixture
def small():
    return contract_samples.trees()


@pytest.fixture(scope="session")
def odcs_schema():
    """The standard's own JSON Schema, from the package that its authors publish."""
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)
