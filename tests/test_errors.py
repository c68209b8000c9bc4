"""What is said of a file that cannot be used: words, and nothing of what it holds."""

from __future__ import annotations

import csv
import errno
import gzip
import json

import pytest

from ketenwacht.errors import describe_file_fault

FAULTS = [
    (
        "a file that is not there",
        FileNotFoundError(errno.ENOENT, "no", "Jansen.csv"),
        "there is no such file",
    ),
    ("a file of somebody else", PermissionError(errno.EACCES, "denied", "Jansen.csv"), "has no right to it"),
    ("a folder", IsADirectoryError(errno.EISDIR, "is", "Jansen"), "it is a folder"),
    ("a file in place of a folder", NotADirectoryError(errno.ENOTDIR, "not", "Jansen"), "not a folder"),
    ("a full disk", OSError(errno.ENOSPC, "x", "Jansen"), "no space left on device"),
    ("a disk that is read only", OSError(errno.EROFS, "x", "Jansen"), "read-only file system"),
    ("a share that went away", OSError(errno.ESTALE, "x", "Jansen"), "stale file handle"),
    ("a pipe, in words of ours", OSError(errno.EINVAL, "is no regular file"), "it is no regular file"),
    ("a system that waited in vain", TimeoutError("Jansen"), "it did not answer in time"),
    ("no UTF-8", UnicodeDecodeError("utf-8", b"Jansen", 0, 1, "bad"), "it is not text in UTF-8"),
    ("no gzip", gzip.BadGzipFile("Jansen"), "it is not a gzip file"),
    ("no table", csv.Error("Jansen"), "it is not a table with separators"),
    ("no JSON", json.JSONDecodeError("Jansen", "Jansen", 0), "a value is not what belongs there"),
    ("a column that is missing", KeyError("Jansen"), "a column or field is missing"),
    ("another type", TypeError("Jansen"), "of another type than agreed"),
    ("an error of another kind", RuntimeError("Jansen"), "RuntimeError"),
]


@pytest.mark.parametrize(("sentence", "fault", "said"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_fault_of_a_file_is_described_without_its_content(sentence, fault, said):
    assert said in describe_file_fault(fault).lower() + describe_file_fault(fault)
    assert "Jansen" not in describe_file_fault(fault)
