"""Calls of a command that read files: one that stands still is left behind, and holds up no other."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from ketenwacht.errors import DeliveryError
from ketenwacht.workflows.watched import WatchedCalls, lies_on_network

pytestmark = pytest.mark.integration


@pytest.fixture(params=["Linux", "elsewhere"])
def system(request, monkeypatch):
    """This system, and one without /proc, such as macOS."""
    if request.param == "Linux" and not Path("/proc/self/task").exists():
        pytest.skip("there is no /proc here")
    if request.param == "elsewhere":
        monkeypatch.setattr(Path, "iterdir", lambda _: (_ for _ in ()).throw(FileNotFoundError))


@pytest.mark.usefixtures("system")
def test_a_call_that_stands_still_is_left_behind_and_the_next_one_works(tmp_path):
    os.mkfifo(tmp_path / "hung")  # nobody writes to it, as on a mount whose server is gone
    calls = WatchedCalls(timedelta(seconds=1))
    with pytest.raises(DeliveryError, match="reading stood still for 1 second") as caught:
        calls((tmp_path / "hung").read_bytes)
    assert caught.value.statement.code == "delivery.file_stood_still"
    assert calls(sorted, [2, 1]) == [1, 2]
    os.close(os.open(tmp_path / "hung", os.O_WRONLY | os.O_NONBLOCK))  # the thread that was left behind ends


def test_a_fault_of_a_call_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        WatchedCalls(timedelta(seconds=1))(divmod, 1, 0)


@pytest.mark.usefixtures("system")
def test_a_call_that_works_for_longer_is_not_taken_for_one_that_hangs():
    def work():
        end = monotonic() + 3.0
        while monotonic() < end:
            pass
        return "done"

    assert WatchedCalls(timedelta(seconds=1.5))(work) == "done"


@pytest.mark.usefixtures("system")
def test_a_call_that_reads_slowly_is_not_taken_for_one_that_hangs(tmp_path):
    os.mkfifo(tmp_path / "slow")

    def work():
        pipe = os.open(tmp_path / "slow", os.O_RDWR)
        for _ in range(30):
            os.write(pipe, b"x" * 1000)
            os.read(pipe, 1000)
            Event().wait(0.1)
        os.close(pipe)
        return "done"

    assert WatchedCalls(timedelta(seconds=1.5))(work) == "done"


MOUNTS = r"""
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:50 / /srv/in\040box rw,nosuid shared:2 - fuse.sshfs sender@host:/out rw
41 22 0:51 / /mnt/share rw - nfs4 server:/share rw
42 41 0:52 / /mnt/share/local rw - tmpfs tmpfs rw
43 22 0:53 / /mnt/sh rw - cifs //server/sh rw
44 22 0:54 / /mnt/in{no_break}box rw - nfs4 server:/in rw
45 22 0:55 / /mnt/in{line}box rw - nfs4 server:/in rw
""".lstrip().format(no_break="\N{NO-BREAK SPACE}", line="\N{LINE SEPARATOR}")


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/data/deliveries", False),
        ("/srv/in box/deliveries", True),
        ("/srv/in box", True),
        ("/srv/in", False),
        ("/mnt/share/a/b", True),
        ("/mnt/share/local/a", False),
        ("/mnt/share/local/../a", True),
        ("/mnt/sh/a", True),
        ("/mnt/shared", False),
        ("/mnt/in\N{NO-BREAK SPACE}box/a", True),
        ("/mnt/in\N{LINE SEPARATOR}box/a", True),
    ],
)
def test_files_of_another_machine_are_told_by_the_mounts(tmp_path, folder, network):
    (tmp_path / "mounts").write_text(MOUNTS, encoding="utf-8")
    assert lies_on_network(Path(folder), tmp_path / "mounts") is network


def test_a_system_without_a_list_of_mounts_has_no_network_folders(tmp_path):
    assert not lies_on_network(Path("/mnt/share"), tmp_path / "none")
