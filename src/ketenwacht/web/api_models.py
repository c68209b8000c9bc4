"""The answers and requests of the JSON API, for its OpenAPI document.

Answers are the objects of `--format json`; what a model does not name yet is passed on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[
    float | None, Field(description="Persons, rounded; null when it must not be told, or is unknown.")
]
Segment = Annotated[dict[str, str], Field(description="Dimension → value; {} is the whole feed.")]
Status = Literal["passed", "skipped", "unproven", "warned", "failed", "error"]
Nature = Literal["missing", "surplus", "late", "unreadable", "broken-rule", "schema", "privacy", "cannot-judge"]
State = Literal["open", "acknowledged", "snoozed", "stopped", "resolved", "closed"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class MissingModel(_Answer):
    """How many persons are missing; negative: too many."""

    since: date
    value: Count
    hidden: bool = False
    low: Count
    high: Count


class MissingPartModel(_Answer):
    """How many are missing in one part."""

    segment: Segment
    value: Count
    hidden: bool = False
    low: Count
    high: Count


class MissingPersonsModel(MissingModel):
    """The one number of an incident or a feed."""

    evidence: str
    parts: list[MissingPartModel]


class CauseModel(_Answer):
    """Why persons are missing."""

    code: str
    segment: Segment
    since: date
    ended: bool


class Deadline(_Answer):
    """The next week in which a term ends; `on` is its Monday."""

    on: date
    persons: Count
    hidden: bool = False


class FindingModel(_Answer):
    """What one check says about one segment over time."""

    id: str
    feed: str
    check: str
    segment: Segment
    evidence: str
    status: Status
    state: str
    code: str
    params: dict[str, Any]
    message: str
    opened_at: datetime
    resolved_at: datetime | None
    missing: MissingModel | None


class ProbableCauseModel(_Answer):
    """Something that changed about the onset of an incident, and may be why it happened."""

    code: str
    text: str
    since: date
    strength: Literal["probable", "possible"]
    fit: float


class IncidentModel(_Answer):
    """The findings that are about the same thing, with one number."""

    id: int
    feed: str
    nature: Nature
    title: str
    severity: Literal["low", "medium", "high", "critical"]
    state: State
    owner: str | None
    opened_at: datetime
    resolved_at: datetime | None
    segment: Segment
    evidence: list[str]
    missing: MissingPersonsModel | None
    causes: list[CauseModel]
    probable_causes: list[ProbableCauseModel] | None
    why: str | None
    next_deadline: Deadline | None
    merged_into: int | None
    findings: list[FindingModel]


class EventModel(_Answer):
    """Something that happened to an incident."""

    at: datetime
    reason: str
    actor: str
    detail: str


class IncidentDetail(IncidentModel):
    """One incident, with what happened to it."""

    events: list[EventModel]


class IncidentListModel(BaseModel):
    """Incidents, by number."""

    schema_: Literal["ketenwacht/incidents/2"] = Field(alias="schema")
    incidents: list[IncidentModel]


class FindingListModel(BaseModel):
    """Findings: those that need somebody first."""

    schema_: Literal["ketenwacht/findings/1"] = Field(alias="schema")
    findings: list[FindingModel]
    more: bool


class DeliveryModel(_Answer):
    """One judged delivery."""

    feed: str
    delivery: str
    period: date
    presence: Literal["read", "absent", "unreadable"]
    arrived_at: datetime | None
    at: datetime
    status: Status


class DeliveryList(BaseModel):
    """Judged deliveries, newest first."""

    schema_: Literal["ketenwacht/deliveries/1"] = Field(alias="schema")
    deliveries: list[DeliveryModel]
    more: bool


class Proven(_Answer):
    """Up to when independent evidence covers a feed."""

    until: date
    evidence: str


class FeedStateModel(_Answer):
    """How one feed is; `status` is null before anything was judged."""

    name: str
    title: str
    sender: str
    receiver: str
    status: Status | None
    missing: MissingPersonsModel | None
    incidents: list[int]
    latest: DeliveryModel | None
    proven: Proven | None


class FeedList(BaseModel):
    """Every configured feed."""

    schema_: Literal["ketenwacht/feeds/1"] = Field(alias="schema")
    feeds: list[FeedStateModel]


class HistoryModel(_Answer):
    """The counts and runs of a feed, as `ketenwacht history --format json` gives them."""

    schema_: Literal["ketenwacht/history/1"] = Field(alias="schema")
    feed: str


class ProblemModel(BaseModel):
    """Why a request was refused."""

    detail: str


class ActDone(IncidentDetail):
    """The incident after an act; `changed` is false when it was so before."""

    changed: bool


Reason = Annotated[str, Field(min_length=1, max_length=500, description="Why; without data of persons.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reasoned(_Request):
    """An act that needs a reason."""

    reason: Reason


class Snoozing(_Request):
    """Silence up to and including a day."""

    until: date
    reason: Reason


class Splitting(_Request):
    """The findings that are about something else."""

    findings: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1, max_length=500)
    ]
    reason: Reason


class Merging(_Request):
    """The number of the incident that is the same."""

    other: Annotated[int, Field(ge=1, le=999_999_999)]
    reason: Reason
