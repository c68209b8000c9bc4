"""Ketenwacht in a flow of Prefect, called from an environment of its own: Prefect 3 asks for an older typer."""

import json
import os
import subprocess

from prefect import flow, task

KETENWACHT = os.environ.get("KETENWACHT", "ketenwacht")  # the program, in the environment where it is installed
CONFIG = os.environ.get("KETENWACHT_CONFIG", "config.yaml")


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Ketenwacht."""
    return subprocess.run([KETENWACHT, "-c", CONFIG, *arguments], capture_output=True, text=True, check=False)


@task(retries=2, retry_delay_seconds=10)
def judge(feed: str) -> list[str]:
    """Judge what was not judged yet; return the title of each open incident. Fail where nothing was."""
    judged = call("check", feed)
    if judged.returncode in {2, 4}:  # a wrong setting; an alert that was not delivered. 3 may be: nothing new
        raise RuntimeError(judged.stderr)
    listed = call("--format", "json", "incidents", "list", feed)
    if listed.returncode:
        raise RuntimeError(f"not judged: {listed.stderr}")
    found = json.loads(listed.stdout)
    if found["replayed"]:  # no delivery came in: these are the incidents of a replay
        raise RuntimeError("not judged: no delivery was found")
    return [incident["title"] for incident in found["incidents"]]


@flow(name="judge-feed")
def judge_feed(feed: str = "ind-duo") -> None:
    """Fail where an incident is open."""
    titles = judge(feed)
    if titles:
        raise RuntimeError("; ".join(titles))


if __name__ == "__main__":
    judge_feed()
