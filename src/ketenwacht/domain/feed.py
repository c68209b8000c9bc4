"""What a feed is, as configured: where it comes from, when it is due, how it is cut into segments.

These are plain values. The configuration reader validates YAML straight into them, so that a setting is
described once: its name, type, default and meaning are here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

from .catchup import PLAN_CLOCK, Clock
from .statement import TextSetting

_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringPeriod:
    """A period that recurs with counts of its own, such as an enrolment round.

    Attributes:
        name: for people.
        days: first and last day of each time, both included; those to come too.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    days: tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a delivery is due.

    Attributes:
        cron: five fields; weekdays by name (`mon-fri`), since their numbers differ between tools.
        calendar: country code of public holidays on which nothing is due; None: no holidays.
        grace: how long after the due moment a delivery counts as on time.
        closures: further days on which nothing is due.
        workdays: public holidays of the calendar on which deliveries are due all the same.
        lag: from the first day of a period to the day from which its delivery can be due (`31d` for a month
            that is delivered after it has ended). A working week with `1d` is due `tue-sat`: Friday's on Saturday,
            within a `grace` that ends on Monday.
        sla: a record must have arrived this long after its decision.
        school_holidays: region whose school holidays change the counts (`NL-noord`, `NL-midden`, `NL-zuid`);
            deliveries are due all the same, and own history learns what these weeks do. None: they change nothing.
        periods: other periods that recur with counts of their own.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    cron: str
    calendar: str | None = None
    grace: timedelta = timedelta(hours=4)
    closures: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    lag: timedelta = timedelta(0)
    sla: timedelta = timedelta(days=14)
    school_holidays: str | None = None
    periods: tuple[RecurringPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEngine:
    """An engine that a plug-in brings; the configuration holds its word as `kind`, its own settings beside it.

    Attributes:
        word: the plug-in's name for it.
        settings: as the plug-in describes them, validated.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    word: str
    settings: Any = field(repr=False)


ENGINES = ("duckdb", "sql", "spark")
"""Every engine that needs no plug-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The sender's own register, for keyed reconciliation.

    Attributes:
        path: folder with register snapshots, CSV or Parquet.
        pattern: name of a snapshot with `{date:%Y%m%d}`, its reference date.
        source: where the register is, in place of `path` and `pattern`: a source of any kind that a feed may have;
            each period of it is a snapshot, and the period its reference date.
        decided_column: column with the date that starts the SLA clock of a record.
        segments: the segment columns that register and deliveries share; a difference in one is reported.
        mutation_column: column of a delivery that says what a row does; None: every row delivers a person.
        withdrawn: values of `mutation_column` that take a person back.
        backlog: the dimensions by which missing persons are counted for a catch-up.
        terms: legal terms that run for the missing, or begin with their delivery.
        count_by: the dimensions by which outcomes are kept, beside the whole feed; (): the feed's coarse ones.
        values: whether a person stands in it with the segment values of the first record sent, or of the newest.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    path: str = ""
    pattern: str = ""
    source: Source | None = field(default=None, metadata={"discriminator": "kind"})
    decided_column: str
    segments: tuple[str, ...] = ()
    mutation_column: str | None = None
    withdrawn: tuple[str, ...] = ()
    backlog: tuple[str, ...] = ()
    terms: tuple[Clock, ...] = (PLAN_CLOCK,)
    count_by: tuple[tuple[str, ...], ...] = ()
    values: Literal["first", "newest"] = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSource:
    """Counts that are not in CSV files: in a table, in Spark, or in a file of another format.

    Attributes:
        source: a source of any kind that a feed may have, without a period column; all of it is read. Its columns
            have the names that the CSV files have.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    source: Source = field(metadata={"discriminator": "kind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HopCounts:
    """Where the counts at one hop of the chain are found.

    Attributes:
        counts: globs of CSV files with counts by period and segment, or `{source: …}`.
        receipts: globs of JSON files, one a delivery, with the fields of a manifest.
        fields: our name of a field of a receipt → the sender's, where it differs from the default.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    counts: tuple[str | CountSource, ...] = ()
    receipts: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEvidence:
    """Where independent evidence about a feed is found; all optional.

    Attributes:
        references: globs of CSV files with figures that others published, or `{source: …}`.
        inquiries: globs of CSV files with inquiries about persons, or `{source: …}`.
        register: the sender's register.
        hops: counts at hops of the chain, by the name that a `conservation` check gives the hop.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    references: tuple[str | CountSource, ...] = ()
    inquiries: tuple[str | CountSource, ...] = ()
    register: Register | None = None
    hops: Mapping[str, HopCounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """Synthetic persons that must come out at the other end; who has a key of the range is counted nowhere else.

    Attributes:
        first: lowest key of a range that is never given to a person; digits, as many as in `last`.
        last: highest key of it; at most 100,000 keys.
        list: CSV with those that were put in, as `ketenwacht canary` writes it; None: there is none.
        decided_column: column of the list with the fictional decision date of the synthetic persons; None: that of
            the register.
        values: what the other columns of a record hold that the sender is to put in.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    first: str
    last: str
    list: str | None = None
    decided_column: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSettings:
    """What the receiver writes for the sender after every check; counts in it are exact.

    Attributes:
        folder: where the receipt of each judged delivery goes, once, as `ketenwacht receipt` writes it.
        weekly: whether the quality file and the list of differences of each week that is over go there too.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    folder: str
    weekly: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed, as configured.

    Attributes:
        name: its key in config.yaml.
        title: for people, one text or one a language (`{nl: …, en: …}`); empty: its name.
        sender: who delivers.
        receiver: who receives.
        source: where deliveries are.
        engine: what judges the rows: duckdb copies each delivery into a private database; sql leaves the rows of a
            table in their database, and spark in Spark; or the word of a plug-in. None: spark for `kind: spark`,
            unless the feed needs copied rows (canaries, `numbers`); else duckdb.
        schedule: when they are due; None: deliveries are judged when they come, absence is never noticed.
        suites: Great Expectations suites, paths.
        checks: path of the checks YAML; None: the defaults.
        segments: the dimensions to count by; [] is the whole feed.
        reasons: for which persons may be left out, as manifests and counts at hops state them; any other is
            counted as `(other)`. Empty: any reason is kept that cannot be a person's.
        key: column that identifies a person, or a list of columns that do so together; only ever used as an HMAC
            pseudonym.
        evidence: where independent evidence is found.
        canaries: synthetic persons; None: there are none.
        contract: path of the YAML with what the parties agreed and nothing judges; None: there is none.
        receipts: what is written for the sender after every check; None: nothing.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    title: TextSetting = field(default="", hash=False)
    sender: str = "sender"
    receiver: str = "receiver"
    source: Source = field(metadata={"discriminator": "kind"})
    engine: Literal["duckdb", "sql", "spark"] | PluginEngine | None = None
    schedule: Schedule | None = None
    suites: tuple[str, ...] = ()
    checks: str | None = None
    segments: tuple[tuple[str, ...], ...] = ((),)
    reasons: tuple[str, ...] = ()
    key: str | tuple[str, ...] | None = None
    evidence: OutsideEvidence = field(default_factory=OutsideEvidence)
    canaries: CanarySettings | None = None
    contract: str | None = None
    receipts: ReceiptSettings | None = None

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that together identify a person; () without a key."""
        return (self.key,) if isinstance(self.key, str) else self.key or ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every column that the feed is counted by, in the order of the configuration."""
        return tuple(dict.fromkeys(name for dimensions in self.segments for name in dimensions))


# Where the deliveries of a feed are, as configured.


_STRICT_SOURCE = {"extra": "forbid"}
GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How counts are written in a text column, as agreed with the sender.

    Attributes:
        thousands: the separator between groups of three digits; None: there is none.
        decimal: the separator before decimals, which must all be 0; None: there are none.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    thousands: str | None = None
    decimal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAccess:
    """How files elsewhere are reached; what is left out comes from the environment, as their library reads it.

    Attributes:
        endpoint: address of a server that is compatible with S3 or Azure Blob Storage.
        region: of S3.
        user: S3: the id of the access key. SFTP and HTTP: the name. Azure: the name of the account.
        secret: S3: the secret access key. SFTP and HTTP: the password. Azure: the key of the account.
        token: S3: the session token. HTTP: the bearer token. Azure: the SAS. SFTP: the passphrase of the key file.
        key_file: SFTP: the file with the private key; None: those of the user that runs this.
        known_hosts: SFTP: the file with the keys of servers; None: `~/.ssh/known_hosts`.
        ca_file: S3 and HTTP: the certificates of authorities to trust; None: those of the system.
        anonymous: S3 and Azure: without credentials.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    endpoint: str | None = None
    region: str | None = None
    user: str | None = None
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    key_file: str | None = None
    known_hosts: str | None = None
    ca_file: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Deliveries as files in a folder, or one file that holds every period.

    Attributes:
        path: the folder that holds the deliveries, or the one file: of this machine, or elsewhere, as
            `s3://bucket/folder`, `sftp://host/folder`, `abfs://container/folder` or `https://host/folder`.
        pattern: name of a delivery with `{date:%Y%m%d}` and/or `{sequence:06d}`; with a period column the
            name of the one file of all periods; None when `path` is that file itself.
        reader: csv, jsonl, parquet, json, xml, excel or fixed-width, or the format of a plug-in.
        manifest: name of a delivery's manifest, `{stem}` standing for its own; None: the feed has none.
        marker: name of a file that the sender writes last, such as `{stem}.done`; a delivery without it is not
            complete. When it begins with a SHA-256, the delivery must have it. None: there is none.
        storage: how files elsewhere are reached; None: as the environment says.
        manifest_fields: our name of a manifest field → the sender's, where it differs from the default.
        delimiter: of CSV; None: found from the header among ; , tab and |.
        encoding: of csv, jsonl, json and fixed-width; anything that is not valid in it makes the delivery
            unreadable.
        period_column: column with the period, for one file that holds them all; one delivery a distinct value.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
        empty_values: texts that mean that a value is empty (`[NULL, n/a]`), as agreed with the sender; a text of
            spaces alone always does.
        numbers: how counts are written; None: digits alone, and any other count makes the delivery unreadable.
        max_bytes: a larger file is refused; of a compressed one also what it unpacks to.
        compression: gzip, zstd or zip, of one file; None: a compressed file is refused.
        skip_lines: lines before the header that hold no row.
        skip_footer: lines at the end that hold no row, such as a total; empty lines at the very end do not count.
        footer_begins: what the first of these lines begins with, such as `Total`; a delivery without it is
            unreadable. None: they are compared with the rows, and one that looks like a row makes it unreadable.
        comment: what a line begins with that is a comment; None: there are none.
        multiline: whether a quoted value may hold a line end and the delimiter; otherwise that is refused, since
            two stray quotes make one value of all the rows between them.
        header: whether the first line (of Excel: row) names the columns; otherwise `columns` names them.
        columns: the names of the columns of a file without a header, in order.
        skip_repeated_header: whether rows that repeat the header are left out; otherwise they are refused.
        ignore_unnamed: whether columns without a name are left out; otherwise they are refused.
        widths: of fixed-width files: column → characters, in order.
        sheet: of Excel: the name of the sheet; None: the only one that is not empty.
        row_path: of XML: the path of the element that is a row, such as `message/persons/person`; of JSON: the
            path of the array, such as `data.items`; None: the document is the array.
        nested: of jsonl, json and parquet: paths into columns that hold objects, such as `address.city`; each
            becomes a column of that name.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    kind: Literal["files"] = "files"
    path: str
    pattern: str | None = None
    reader: str = "csv"
    manifest: str | None = None
    marker: str | None = None
    storage: RemoteAccess | None = None
    manifest_fields: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str = "utf-8"
    period_column: str | None = None
    period_format: str | None = None
    count_column: str | None = None
    empty_values: tuple[str, ...] = ()
    numbers: Numbers | None = None
    max_bytes: int = 2 * GIB
    compression: Literal["gzip", "zstd", "zip"] | None = None
    skip_lines: int = 0
    skip_footer: int = 0
    footer_begins: str | None = None
    comment: str | None = None
    multiline: bool = False
    header: bool = True
    columns: tuple[str, ...] = ()
    skip_repeated_header: bool = False
    ignore_unnamed: bool = False
    widths: Mapping[str, int] = field(default_factory=dict)
    sheet: str | None = None
    row_path: str | None = None
    nested: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """Deliveries as rows of a database table; one delivery a distinct value of `period_column`.

    Attributes:
        url: SQLAlchemy URL of the database.
        table: table or view, optionally `schema.table`.
        manifest: control table in the same database, with what the sender declares of each period, written last: a
            period without a row in it is not complete. None: there is none.
        manifest_fields: our name of a column of the control table → the sender's, where it is not the default.
        period_column: column that holds the period of a row. A feed needs it, and a register: there it holds the
            reference date. Counts (`references`, `inquiries`, `hops`) have columns of their own for that.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
        empty_values: texts that mean that a value is empty (`[NULL, n/a]`), as agreed with the sender; a text of
            spaces alone always does.
        numbers: how counts are written; None: digits alone, and any other count makes the delivery unreadable.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    kind: Literal["table"] = "table"
    url: str = field(repr=False)  # it may hold a password
    table: str
    manifest: str | None = None
    manifest_fields: Mapping[str, str] = field(default_factory=dict)
    period_column: str = ""
    period_format: str | None = None
    count_column: str | None = None
    empty_values: tuple[str, ...] = ()
    numbers: Numbers | None = None

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return self.table


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkSource:
    """Deliveries as rows of a table, or of files, that Spark reads; needs the extra `spark`.

    Attributes:
        table: table or view in Spark's catalogue, as `catalog.schema.table`.
        path: files in place of a table; a relative one starts at the folder of config.yaml.
        format: of the files, by Spark's name for it.
        remote: URL of a Spark Connect server (`sc://host:15002`); None: Spark runs on this machine.
        master: how Spark runs on this machine; it needs Java 17.
        options: settings of the Spark session, by their full name.
        columns: the columns to read, in this order; the others are never fetched; (): all.
        manifest: control table in Spark's catalogue, with what the sender declares of each period, written last: a
            period without a row in it is not complete. None: there is none.
        manifest_fields: our name of a column of the control table → the sender's, where it is not the default.
        period_column: column that holds the period of a row; needed as for `kind: table`.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
        empty_values: texts that mean that a value is empty (`[NULL, n/a]`), as agreed with the sender; a text of
            spaces alone always does.
        numbers: how counts are written; None: digits alone, and any other count makes the delivery unreadable.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    kind: Literal["spark"] = "spark"
    table: str | None = None
    path: str | None = None
    format: str = "parquet"
    remote: str | None = field(default=None, repr=False)  # it may hold a token
    master: str = "local[*]"
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    columns: tuple[str, ...] = ()
    manifest: str | None = None
    manifest_fields: Mapping[str, str] = field(default_factory=dict)
    period_column: str = ""
    period_format: str | None = None
    count_column: str | None = None
    empty_values: tuple[str, ...] = ()
    numbers: Numbers | None = None

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return f"table {self.table}" if self.table is not None else f"path {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSource:
    """Deliveries that a plug-in finds; the configuration holds its word as `kind`, and its own settings beside it.

    Attributes:
        word: the plug-in's name for this kind of source.
        settings: as the plug-in describes them, validated.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT_SOURCE
    kind: Literal["plug-in"] = "plug-in"
    word: str
    settings: Any = field(repr=False)  # it may hold a password

    @property
    def count_column(self) -> str | None:
        """Column with a count, where the plug-in has such a setting."""
        return getattr(self.settings, "count_column", None)

    @property
    def empty_values(self) -> tuple[str, ...]:
        """Texts that mean that a value is empty, where the plug-in has such a setting."""
        return tuple(getattr(self.settings, "empty_values", ()))

    @property
    def numbers(self) -> Numbers | None:
        """How counts are written: digits alone."""
        return None

    @property
    def place(self) -> str:
        """Where deliveries are, for people: no setting is shown, it may be a secret."""
        return f"the {self.word}"


Source = FileSource | TableSource | SparkSource | PluginSource
SOURCES = ("files", "table", "spark")
"""Every kind of source that needs no plug-in."""
