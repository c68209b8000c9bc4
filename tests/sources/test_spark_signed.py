"""Keys signed in Spark: the comparison is that of copied rows, and no plan, log or page holds the keys."""

import pytest
from spark_signed import compare, secrets

pytest.importorskip("pyspark", reason="pyspark is not installed: make test-spark")
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]  # of pyspark, in its own matters


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_signed_in_spark_compare_as_their_copy_and_nothing_shows_the_keys(tmp_path, seed):
    (copied, signed), plan, logs = compare(tmp_path, seed)
    assert signed == copied
    assert copied.whole.missing
    assert copied.whole.extra
    assert "sha2" in plan
    assert any("sha2" in log for log in logs), "the statement is in the event log"
    found = [secret for secret in secrets() for text in (plan, *logs) if secret in text]
    assert found == []
