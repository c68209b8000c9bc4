"""`ketenwacht serve` as the campaign starts it: the same service, by a clock that the campaign sets.

python tools/campaigns/campaign_serve.py CONFIG CLOCK
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from campaign_clock import SharedClock

from ketenwacht.errors import KetenwachtError
from ketenwacht.service.run import end_at_signals, run
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject


def main(config: Path, clock: Path) -> int:
    """Run until told to end; 3 when the history does not answer at the start, as of the command."""
    end_at_signals()
    project = LoadedProject.open(config)
    try:
        with project.history() as history:
            log = Log()
            service = Service.of(project, history, log=log, write=lambda _: None, now=SharedClock(clock))
            pages = PageServer(web_app(service), host="127.0.0.1", port=0)
            clock.with_name(f"pages-{os.getpid()}").write_text(pages.address)
            run(service, pages)
    except KetenwachtError as fault:
        sys.stderr.write(f"{fault}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
