"""`systemd-analyze verify` and `security` on the unit, with a program in place of ours, which is not installed.

    python tools/lint_unit.py

Exit code 1 when the unit has a fault, or is more exposed than `MOST`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

UNIT = Path(__file__).resolve().parents[1] / "deploy/ketenwacht.service"
MOST = 2.0  # of 10, as systemd counts exposure


def main() -> int:
    """As the first lines say."""
    text = UNIT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / UNIT.name
        unit.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE))
        verified = _analyze("verify", "--man=no", str(unit))
        secured = _analyze("security", "--offline=true", str(unit))
    exposure = re.search(r"exposure level[^0-9]*([0-9.]+)", secured.stdout)
    ours = [line for line in verified.stderr.splitlines() if UNIT.name in line]
    if ours or exposure is None or float(exposure[1]) > MOST:
        sys.stdout.write("\n".join([*ours, secured.stdout[-2000:], secured.stderr]))
        return 1
    sys.stdout.write(f"{UNIT.name}: systemd-analyze finds nothing; exposure {exposure[1]} of 10\n")
    return 0


def _analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


if __name__ == "__main__":
    sys.exit(main())
