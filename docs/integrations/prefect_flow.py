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


@task(retries=2, retry_delay_seconds=60)
def judge(feed: str) -> list[str]:
    """Judge what was not judged yet; return the title of each open incident."""
    judged = call("check", feed)
    if judged.returncode in {2, 4}:  # a wrong setting; an alert that was not delivered. 3 may be: nothing new
        raise RuntimeError(judged.stderr)
    listed = json.loads(call("--format", "json", "incidents", "list", feed).stdout)
    return [incident["title"] for incident in listed["incidents"]]


@flow(name="judge-feed")
def judge_feed(feed: str = "ind-duo") -> None:
    """Fail where an incident is open."""
    titles = judge(feed)
    if titles:
        raise RuntimeError("; ".join(titles))


if __name__ == "__main__":
    judge_feed()
