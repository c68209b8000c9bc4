"""Ketenwacht in a DAG of Airflow: what follows runs only while no incident of the feed is open.

Ketenwacht has an environment of its own, where the task runs: Airflow pins older versions of the same libraries.
"""

import os
from datetime import UTC, datetime

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException

PYTHON = os.environ.get("KETENWACHT_PYTHON", "/opt/ketenwacht/bin/python")


@dag(schedule="0 9 * * 1-5", start_date=datetime(2024, 1, 1, tzinfo=UTC), catchup=False)
def notify_persons() -> None:
    """Judge the feed, then use it."""

    @task.external_python(python=PYTHON, expect_airflow=False, retries=2)
    def judge(feed: str) -> list[str]:
        """Judge what was not judged yet; return the title of each open incident. Fail where nothing was."""
        import os

        from ketenwacht import Project

        project = Project(os.environ.get("KETENWACHT_CONFIG", "config.yaml"))
        project.check(feed)
        incidents = project.incidents(feed)
        if incidents.replayed:  # no delivery came in: these are the incidents of a replay
            raise RuntimeError("not judged: no delivery was found")
        return [incident.view.headline for incident in incidents]

    @task
    def use(titles: list[str]) -> None:
        """Use the deliveries; stop where an incident is open, and do not try again: it would say the same."""
        if titles:
            raise AirflowFailException("; ".join(titles))
        print("the feed was judged, and nobody is missing")

    use(judge("ind-duo"))


notify_persons()
