"""What a command imports: nothing slow that it does not compute, read or write with."""

import subprocess
import sys

import pytest
from replayed import made, place  # noqa: F401 - fixtures are found by their names

ENGINES = {"great_expectations", "pandas", "pyspark", "alembic", "scipy"}
SERVING = {"apscheduler.schedulers", "prometheus_client", "starlette", "structlog", "uvicorn"}
TELLING = {"PIL", "slack_sdk"}
NEVER = ENGINES | SERVING | TELLING
LOOKS = (
    (["--help"], NEVER | {"duckdb", "jinja2", "numpy", "pydantic", "ruamel", "sqlalchemy"}),
    (["lint"], NEVER | {"duckdb", "jinja2", "sqlalchemy"}),
    (["history"], NEVER | {"apscheduler", "duckdb", "jinja2"}),
    (["incidents", "list"], NEVER | {"apscheduler", "duckdb", "holidays", "jinja2", "numpy"}),
    (["doctor"], NEVER | {"duckdb", "jinja2"}),
    (["report", "--out", "report.html"], NEVER | {"apscheduler", "duckdb"}),
)


@pytest.mark.parametrize(
    ("command", "absent"), LOOKS, ids=lambda value: value[0] if isinstance(value, list) else ""
)
@pytest.mark.integration
def test_a_command_that_looks_imports_nothing_slow(place, command, absent):  # noqa: F811 - the fixture
    place.go_live()
    code = (
        "import sys; from ketenwacht.cli.root import run\n"
        f"code = run(['-c', {str(place.root / 'config.yaml')!r}, *{command!r}])\n"
        f"print(sorted({absent!r} & set(sys.modules)), code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=place.root, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1].startswith("[] "), done.stderr
