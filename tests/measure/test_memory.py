import resource
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"
RUNS, ALLOWED_MIB = 100, 12


def resident_mib():
    """Memory of this process now, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


@pytest.mark.integration
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat_over_many_deliveries(measured, feed_rows):
    rows = feed_rows() * 10

    def judge(day):
        measured(rows, suites=(str(SUITE),), period=date(2022, 3, 24) + timedelta(day))

    for day in range(40):  # caches fill, allocators settle
        judge(day)
    before = resident_mib()
    for day in range(40, 40 + RUNS):
        judge(day)
    assert resident_mib() - before < ALLOWED_MIB
