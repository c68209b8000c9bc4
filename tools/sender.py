"""Pack the sender's kit into one file: `python tools/sender.py dist/ketenwacht-sender.pyz`."""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipapp
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "ketenwacht"
MODULES = (
    "errors.py",
    "redaction.py",
    "document_limits.py",
    "sql.py",
    "domain/iblt_cells.py",
    "reconcile/keys.py",
    "reconcile/private_files.py",
    "reconcile/sender_kit.py",
)
"""What goes in, besides empty packages: the kit and everything that it imports."""


def pack(target: Path) -> None:
    """Write the archive; it needs Python 3.11 and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in MODULES:
            place = root / "ketenwacht" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SOURCE / name, place)
        for package in ("ketenwacht", "ketenwacht/domain", "ketenwacht/reconcile"):
            (root / package / "__init__.py").write_text("", encoding="utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        (root / "__main__.py").write_text(
            "import sys\nfrom ketenwacht.reconcile.sender_kit import main\nsys.exit(main())\n", encoding="utf-8"
        )
        zipapp.create_archive(root, target, "/usr/bin/env python3", compressed=True)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
