"""Judged deliveries as OpenLineage run events: which dataset came from whom, and which assertions held.

A judged delivery is one run of a job that has the sender's dataset as its input and the receiver's as its output.
The facets say what the JSON of a run says, under the same privacy rule. https://openlineage.io/docs/spec/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from uuid import NAMESPACE_URL, uuid5

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    InputDatasetFacet,
    JobFacet,
    RunFacet,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    documentation_job,
    error_message_run,
    job_type_job,
    nominal_time_run,
    processing_engine_run,
    tags_run,
)

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Shown
from ketenwacht.messages.views import ResultView, RunView, clean

VERSION = version("ketenwacht")
PRODUCER = f"urn:ketenwacht:{VERSION}"
_SUCCESS = {Status.PASSED: True, Status.WARNED: False, Status.FAILED: False}
"""What can be asserted: unproven, skipped and error say nothing of the data, so they are no assertions."""
_SEVERITY = {Status.WARNED: "warn"}


def list_events(
    run: RunView, feed: Feed, formatter: MessageFormatter, *, namespace: str, rows: Shown | None
) -> Iterator[RunEvent]:
    """Yield the events of one run: that it began, and how it ended.

    The id of the run follows from ours, so that an event that is sent twice is the same event.

    Args:
        run: what was judged.
        feed: its feed; it names both parties.
        formatter: puts titles into words.
        namespace: of the job.
        rows: rows of the delivery as they may be shown; None: it was not read.
    """
    facets: dict[str, RunFacet] = {
        "nominalTime": nominal_time_run.NominalTimeRunFacet(f"{run.period.isoformat()}T00:00:00Z"),
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version=VERSION, name="ketenwacht", openlineageAdapterVersion=VERSION
        ),
        "tags": tags_run.TagsRunFacet(
            [
                tags_run.TagsRunFacetFields(key=key, value=value, source="ketenwacht")
                for key, value in (("status", run.status.word), ("delivery", run.delivery))
            ]
        ),
    }
    if run.problem:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(run.problem, "en")
    job_facets: dict[str, JobFacet] = {
        "jobType": job_type_job.JobTypeJobFacet("BATCH", "KETENWACHT", "JOB"),
        "documentation": documentation_job.DocumentationJobFacet(clean(formatter.title(feed))),
    }
    job = Job(namespace, run.feed, job_facets)
    sender, receiver = (clean(formatter.party(name)) for name in (feed.sender, feed.receiver))
    inputs = [InputDataset(sender, run.feed)]
    outputs = [OutputDataset(receiver, run.feed)]
    named = Run(str(uuid5(NAMESPACE_URL, f"{PRODUCER.rpartition(':')[0]}:{run.id}")), facets)
    ended = RunState.FAIL if run.status is Status.ERROR else RunState.COMPLETE
    for state in (RunState.START, ended):
        if state is ended:
            inputs = [InputDataset(sender, run.feed, inputFacets=_quality(run, rows))]
        yield RunEvent(
            eventTime=_moment(run.at),
            eventType=state,
            run=named,
            job=job,
            producer=PRODUCER,
            inputs=inputs,
            outputs=outputs,
        )


def _quality(run: RunView, rows: Shown | None) -> dict[str, InputDatasetFacet]:
    assertions = [_assert(result) for result in run.results if result.status in _SUCCESS]
    facets: dict[str, InputDatasetFacet] = {
        "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions)
    }
    if rows is not None and rows.value is not None:
        facets["dataQualityMetrics"] = data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
            columnMetrics={}, rowCount=round(rows.value)
        )
    return facets


def _assert(result: ResultView) -> data_quality_assertions_dataset.Assertion:
    where = "" if result.segment == WHOLE else f", {result.segment_text}"
    return data_quality_assertions_dataset.Assertion(
        assertion=result.check,
        success=_SUCCESS[result.status],
        severity=_SEVERITY.get(result.status, "error"),
        name=f"{result.check}{where}",
        description=result.message,
        expected=result.expected_text or None,
        actual=result.observed_text or None,
    )


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
