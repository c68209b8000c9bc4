"""Ketenwacht in a DAG of Airflow: what follows runs only while no incident of the feed is open.

Ketenwacht has an environment of its own, where the task runs: Airflow pins older versions of the same libraries.
"""

import os
from datetime import UTC, datetime

from airflow.sdk import dag, task

PYTHON = os.environ.get("KETENWACHT_PYTHON", "/opt/ketenwacht/bin/python")


@dag(schedule="0 9 * * 1-5", start_date=datetime(2024, 1, 1, tzinfo=UTC), catchup=False)
def notify_persons() -> None:
    """Judge the feed, then use it."""

    @task.external_python(python=PYTHON, expect_airflow=False, retries=2)
    def judge(feed: str) -> str:
        import os

        from ketenwacht import Project

        project = Project(os.environ.get("KETENWACHT_CONFIG", "config.yaml"))
        runs = project.check(feed)
        titles = [incident.view.headline for incident in project.incidents(feed)]
        if titles:
            raise RuntimeError("; ".join(titles))
        return runs.status.word if runs else "nothing new"

    @task
    def use(verdict: str) -> None:
        print(f"the feed was judged: {verdict}")

    use(judge("ind-duo"))


notify_persons()
