import subprocess
import sys

import pytest

CODE = """
import sys
import ketenwacht.measure.measure, ketenwacht.measure.suite_lint, ketenwacht.measure.profile
from ketenwacht.measure.measure import MeasurementPlan
import pickle
assert pickle.loads(pickle.dumps(MeasurementPlan(suites=("a",)))) == MeasurementPlan(suites=("a",))
heavy = {"great_expectations", "pandas", "sqlalchemy"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else 0)
"""


def test_measuring_does_not_import_great_expectations_until_a_suite_is_run():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.integration
def test_importing_great_expectations_leaves_warnings_and_logging_as_they_were():
    code = (
        "import logging, warnings; before = warnings.showwarning; import ketenwacht.measure.gx_suite;"
        "assert warnings.showwarning is before;"
        "logging.getLogger('great_expectations.execution_engine').critical('999900018')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
