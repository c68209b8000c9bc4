import atexit
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ketenwacht.measure.sql_table import open_workspace, reuse_workspace, schema_of
from ketenwacht.sql import quote_name


def test_a_workspace_is_gone_on_leaving_with_its_temporary_folder():
    with open_workspace() as connection:
        spill = Path(connection.execute("SELECT current_setting('temp_directory')").fetchone()[0])
        assert spill.is_dir()
    assert not spill.exists()
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("SELECT 1")


@pytest.mark.parametrize(
    "setting", ["autoinstall_known_extensions", "autoload_known_extensions", "enable_progress_bar"]
)
def test_nothing_is_fetched_loaded_or_drawn_by_itself(setting):
    with open_workspace() as connection:
        assert connection.execute(f"SELECT current_setting('{setting}')").fetchone()[0] is False


def test_two_workspaces_do_not_see_each_other():
    with open_workspace() as one, open_workspace() as other:
        one.execute("CREATE TABLE delivery (a VARCHAR)")
        with pytest.raises(duckdb.CatalogException):
            other.execute("SELECT * FROM delivery")


def test_a_column_may_be_called_anything():
    name = 'a "quoted"; DROP TABLE delivery --'
    with open_workspace() as connection:
        connection.execute(f"CREATE TABLE delivery ({quote_name(name)} INTEGER)")
        assert schema_of(connection) == ((name, "INTEGER"),)


def test_a_small_delivery_gets_an_empty_workspace_that_served_others():
    with reuse_workspace() as first:
        first.execute("CREATE TABLE delivery (a VARCHAR)")
        first.execute("CREATE TEMP TABLE other (a VARCHAR)")
        first.execute("CREATE VIEW beside AS SELECT * FROM delivery")
        first.register("arrived", {"a": np.array([1])})
    with reuse_workspace() as second:
        assert second is first
        assert second.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
        assert second.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (0,)
        with reuse_workspace() as beside:
            assert beside is not second


def test_many_small_deliveries_leave_nothing_to_do_at_the_end_of_the_process():
    with reuse_workspace():
        before = atexit._ncallbacks()  # noqa: SLF001 - nothing else tells it
    for _ in range(20):
        with reuse_workspace():
            pass
    assert atexit._ncallbacks() == before  # noqa: SLF001 - as above


def test_a_workspace_in_which_something_failed_is_not_used_again():
    with pytest.raises(duckdb.CatalogException), reuse_workspace() as first:
        first.execute("SELECT * FROM delivery")
    with pytest.raises(duckdb.ConnectionException):
        first.execute("SELECT 1")
    with reuse_workspace() as second:
        assert second is not first
