"""Ketenwacht in a DAG of Airflow: what follows runs only while no incident of the feed is open."""

import os
from datetime import UTC, datetime

from airflow.sdk import dag, task

CONFIG = os.environ.get("KETENWACHT_CONFIG", "config.yaml")
FEED = "ind-duo"


@dag(schedule="0 9 * * 1-5", start_date=datetime(2024, 1, 1, tzinfo=UTC), catchup=False)
def notify_persons() -> None:
    """Judge the feed, then use it."""

    @task(retries=2)
    def judge() -> str:
        from airflow.sdk.exceptions import AirflowFailException

        from ketenwacht import Project

        project = Project(CONFIG)
        runs = project.check(FEED)
        titles = [incident.view.headline for incident in project.incidents(FEED)]
        if titles:
            raise AirflowFailException("; ".join(titles))  # another try would say the same
        return runs.status.word if runs else "nothing new"

    @task
    def use(verdict: str) -> None:
        print(f"{FEED} was judged: {verdict}")

    use(judge())


notify_persons()
