"""Tamper with each table that the audit log covers, and see what `verify` says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from filled_history import AT, DAY, FEED, fill
from sqlalchemy import text

from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.store import History
from ketenwacht.store.audit import AuditRepository
from ketenwacht.store.audit_facts import CHECKED, KINDS, NOT_COVERED, PARTS
from ketenwacht.store.audit_heads import Head
from ketenwacht.store.exchange import export_measurements, import_measurements
from ketenwacht.store.migrate import HEAD, bring_up, move
from ketenwacht.store.tables import metadata

from .conftest import BOTH, schema

KEY = b"k" * 32

TOLD = (
    (
        "a measurement is changed",
        "UPDATE measurements SET value = 25 WHERE value = 5 AND run = 1",
        "run 1: altered",
    ),
    ("a measurement is removed", "DELETE FROM measurements WHERE value = 5 AND run = 1", "run 1: altered"),
    (
        "a reason is forged",
        "UPDATE measurements SET reason = 'x' WHERE reason IS NOT NULL AND run = 1",
        "run 1: altered",
    ),
    ("results are removed", "DELETE FROM results WHERE run = 1", "run 1: altered"),
    ("a status is changed", "UPDATE results SET status = 0 WHERE run = 1", "run 1: altered"),
    ("the status of a run is changed", "UPDATE runs SET status = 0 WHERE number = 1", "run 1: altered"),
    ("a state of a check is changed", "UPDATE states SET body = '{}' WHERE run = 1", "run 1: altered"),
    ("the provenance is changed", "UPDATE grounds SET papers = '{}' WHERE run = 1", "run 1: altered"),
    ("the provenance is removed", "DELETE FROM grounds WHERE run = 1", "run 1: altered"),
    ("rules are changed", "UPDATE rules SET body = '{}'", "rules "),
    ("a series is renamed", "UPDATE series SET metric = 'x' WHERE segment = '[]' AND metric = 'rows'", "series "),
    ("a delivery is changed", "UPDATE deliveries SET size = 9 WHERE id = 1", "delivery 1: altered"),
    ("a manifest is changed", "UPDATE deliveries SET manifest = NULL WHERE id = 1", "run 1: altered"),
    ("a finding is closed", "UPDATE incidents SET state = 'closed' WHERE id = 'i1'", "finding i1: altered"),
    ("findings are removed", "DELETE FROM incidents WHERE id = 'i1'", "finding i1: removed"),
    ("an event is changed", "UPDATE events SET actor = 'eve' WHERE number = 1", "event 1: altered"),
    ("events are removed", "DELETE FROM events WHERE number = 1", "event 1: removed"),
    (
        "an incident changes hands",
        "UPDATE numbered_incidents SET owner = 'eve' WHERE number = 1",
        "incident 1: altered",
    ),
    (
        "an event of an incident is removed",
        "DELETE FROM incident_events WHERE incident = 1",
        "incident event 1: removed",
    ),
    ("a finding is moved", "UPDATE memberships SET incident = 2 WHERE finding = 'i1'", "membership i1: altered"),
    ("an alert is changed", "UPDATE alerts SET body = '{}' WHERE id = 'a1'", "alert a1: altered"),
    ("an alert is marked as sent", "UPDATE alerts SET state = 'sent' WHERE id = 'a1'", "alert a1: altered"),
    ("a sent alert gets another time", "UPDATE alerts SET sent_at = NULL WHERE id = 'b1'", "alert b1: altered"),
    ("alerts are removed", "DELETE FROM alerts WHERE id = 'a1'", "alert a1: removed"),
    ("a delivery that came is missed", "UPDATE expected SET verdict = 'missed'", "expected delivery "),
    ("what was due is removed", "DELETE FROM expected", "expected delivery "),
    (
        "the schedule is moved",
        "UPDATE watermarks SET until = '2030-01-01 00:00:00' WHERE feed = 'parcels'",
        "schedule parcels: altered",
    ),
    (
        "a figure is changed",
        "UPDATE reference_figures SET count = 1 WHERE id < 3",
        "reference figure 1, 2: altered",
    ),
    ("a figure is removed", "DELETE FROM reference_figures WHERE id = 2", "reference figure 2: removed"),
    ("an inquiry is changed", "UPDATE inquiries SET count = 0", "inquiry 1: altered"),
    ("inquiries are removed", "DELETE FROM inquiries", "inquiry 1: removed"),
    ("a reconciliation is changed", "UPDATE reconciliations SET missing = 0", "reconciliation 1: altered"),
    ("reconciliations are removed", "DELETE FROM reconciliations", "reconciliation 1: removed"),
    ("an exclusion window is changed", "UPDATE masks SET reason = 'holiday'", "exclusion window 1: altered"),
    ("an exclusion window is removed", "DELETE FROM masks", "exclusion window 1: removed"),
    ("a baseline is changed", "UPDATE baselines SET body = '{}'", "baseline parcels/volume/1: altered"),
    ("an approval is changed", "UPDATE baseline_acts SET who = 'eve' WHERE id = 2", "baseline act 2: altered"),
    ("an approval is removed", "DELETE FROM baseline_acts WHERE id = 2", "baseline act 2: removed"),
    (
        "content comes back to a pruned delivery",
        "UPDATE deliveries SET problem = 'x' WHERE id = 3",
        "delivery 3: altered",
    ),
    ("the log is emptied", "DELETE FROM audit", "run 1, 2, 4, 5: no line of the log records it"),
    ("facts of the log are removed", "DELETE FROM audit WHERE number = 2", "line 2: removed"),
    ("facts of the log are forged", "UPDATE audit SET result = '[]' WHERE number = 2", "line 2: altered"),
    ("facts of the log are garbled", "UPDATE audit SET result = '[' WHERE number = 2", "line 2: its digests"),
    (
        "the log loses its key",
        "UPDATE audit SET mac = 'sha256:0' WHERE number = 2",
        "line 2: written without the key",
    ),
)


@pytest.fixture(scope="module", params=BOTH)
def signed(request, tmp_path_factory):
    """A history with a key, and rows in every table; each test undoes what it does to it."""
    if request.param == "sqlite":
        with History.open(f"sqlite:///{tmp_path_factory.mktemp('signed')}/h.db", audit_keys=[KEY]) as opened:
            fill(opened)
            yield opened
        return
    with schema(request.getfixturevalue("server")) as url, History.open(url, audit_keys=[KEY]) as opened:
        fill(opened)
        yield opened


def verify_after(history, statement, **more):
    """Return what `verify` says after a statement, and undo it."""
    with history.database.begin() as transaction:
        savepoint = transaction.connection.begin_nested()
        transaction.connection.execute(text(statement))
        said = AuditRepository(transaction).verify(**more)
        savepoint.rollback()
    return said


@pytest.mark.parametrize(("statement", "said"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_tampering_is_told(signed, statement, said):
    found = verify_after(signed, statement)
    assert any(fault.startswith(said) for fault in found), found


def test_an_untouched_history_holds(signed):
    assert signed.audit.verify() == ()


def test_every_table_is_covered_or_named_with_a_reason():
    covered = {kind.table.name for kind in KINDS} | {table.name for table in (*PARTS, *CHECKED)}
    exempt = {name for name in NOT_COVERED if "." not in name}
    assert covered | exempt == set(metadata.tables)
    assert not covered & exempt


def test_every_column_of_a_kind_is_covered_or_named_with_a_reason():
    """What a digest leaves out is part of another one, or named with a reason."""
    for kind in KINDS:
        assert {f"{kind.table.name}.{name}" for name in kind.working} <= set(NOT_COVERED)
        assert set(kind.key) <= set(kind.table.columns.keys())
        if kind.name != "delivery":  # what it leaves out is part of its run
            assert {f"{kind.table.name}.{name}" for name in kind.left_out} <= set(NOT_COVERED)


# --- what was cut off at the end, or replaced by an older copy, shows against a head that was kept elsewhere


def test_an_older_copy_that_was_put_back_is_told_by_a_head_of_later(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        fill(history)
        history.maintenance.backup(tmp_path / "old.db")
        history.outbox.mark_failed("a1", at=AT, error="gone")
        head = history.audit.read_head()
    with History.open(f"sqlite:///{tmp_path}/old.db", audit_keys=[KEY]) as old:
        assert old.audit.verify() == (), "the copy holds by itself"
        assert old.audit.verify(heads=[Head(*head)]) == (
            f"line {head[0]}: it is not the line that was the last one when that was told elsewhere",
        )


def test_a_tail_that_was_cut_off_with_its_facts_is_told_by_a_head_of_later(signed):
    number, code = signed.audit.read_head()
    with History.open("sqlite://", audit_keys=[KEY]) as history:
        fill(history)
        assert history.audit.verify(heads=[Head(number + 1, code)]) != ()


def test_a_restore_excuses_the_heads_that_it_replaced_and_no_others(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        fill(history)
        early = history.audit.read_head()
        history.maintenance.backup(tmp_path / "old.db")
        history.outbox.mark_failed("a1", at=AT, error="gone")
        late = history.audit.read_head()

        history.maintenance.restore(tmp_path / "old.db", who="anna", at=AT)

        assert history.audit.verify(heads=[Head(*early), Head(*late)]) == ()
        assert history.audit.verify(heads=[Head(late[0] + 1, late[1])]) != ()
        assert history.audit.verify(heads=[Head(early[0] - 1, late[1])]) != ()
        entry = history.audit.find()[-1].entry
        assert (entry.action, entry.actor) == ("restore", "anna")
        assert entry.result.startswith(f"replaced line {late[0]}:")
        assert entry.result.endswith("; its log holds")


def test_a_restore_says_when_what_was_put_back_does_not_hold(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        fill(history)
        history.maintenance.backup(tmp_path / "old.db")
        with History.open(f"sqlite:///{tmp_path}/old.db", audit_keys=[KEY]) as old:
            tamper(old, "UPDATE inquiries SET count = 0")

        history.maintenance.restore(tmp_path / "old.db", who="anna", at=AT)

        assert history.audit.find()[-1].entry.result.endswith("its log does not hold: inquiry 1: altered")
        assert history.audit.verify() == ("inquiry 1: altered",)


# --- anchors: what was there before facts were recorded, and what a migration altered on purpose


def test_a_history_of_before_is_anchored_as_it_is_and_told_from_then_on(bare_url):
    with History.open(bare_url, audit_keys=[KEY]) as history:
        fill(history)
        move(history.database, "0011")
        tamper(history, "DELETE FROM audit")  # as a release wrote it that recorded no facts

    with History.open(bare_url, audit_keys=[KEY]) as history:
        assert history.audit.verify() == ()
        (anchor,) = history.audit.find()
        assert (anchor.entry.action, anchor.entry.object) == ("anchor", HEAD)
        assert history.audit.read_start() == anchor.entry.at
        tamper(history, "UPDATE inquiries SET count = 0")
        assert history.audit.verify() == ("inquiry 1: altered",)


def test_a_migration_keeps_what_was_altered_before_it(bare_url):
    with History.open(bare_url, audit_keys=[KEY]) as history:
        fill(history)
        move(history.database, "0011")
        tamper(history, "UPDATE inquiries SET count = 0")

    for _ in range(2):
        with History.open(bare_url, audit_keys=[KEY]) as history:
            assert f"inquiry 1: altered (before revision {HEAD})" in history.audit.verify()


def test_a_revision_that_is_set_back_hides_nothing(signed):
    """Whoever sets it back makes the next process migrate, and sign everything as it is."""
    with History.open("sqlite://", audit_keys=[KEY]) as history:
        fill(history)
        tamper(history, "UPDATE measurements SET value = 25 WHERE value = 5")
        for table in ("incident_events", "memberships", "numbered_incidents"):
            tamper(history, f"DROP TABLE {table}")
        tamper(history, "ALTER TABLE incidents DROP COLUMN trail")
        tamper(history, "UPDATE alembic_version SET version_num = '0012'")
        bring_up(history.database)
        assert f"run 1, 2, 4, 5: altered (before revision {HEAD})" in history.audit.verify()


# --- what is done on purpose holds


def test_an_import_of_measurements_holds(signed):
    with History.open("sqlite://", audit_keys=[KEY]) as other:
        ids = iter(f"n{n}" for n in range(99))
        lines = list(export_measurements(signed, FEED))
        import_measurements(other, lines, new_id=lambda: next(ids), who="anna", at=AT)
        assert other.audit.verify() == ()
        assert verify_after(other, "UPDATE measurements SET value = 25 WHERE value = 5") != ()
        assert verify_after(other, "DELETE FROM runs WHERE number = 1") != ()


def test_pruning_holds_and_covers_what_is_left(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        fill(history, deliveries=6)
        history.maintenance.prune(FEED, before=DAY + timedelta(5), dry_run=False, who="anna", at=AT)
        assert history.audit.verify() == ()
        assert "run 6: removed" in verify_after(history, "DELETE FROM runs WHERE number = 6")


def test_values_of_another_type_are_told(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        fill(history)
        for statement in (
            "UPDATE runs SET at = 'yesterday' WHERE number = 1",
            "UPDATE measurements SET value = x'00' WHERE value = 5 AND run = 1",
            "UPDATE results SET of_delivery = 2 WHERE run = 1",
        ):
            assert "run 1: altered" in verify_after(history, statement)


def test_more_facts_than_one_line_holds(signed):
    with History.open("sqlite://", audit_keys=[KEY]) as history:
        counts = [InquiryCount(DAY + timedelta(n), "open", n) for n in range(2500)]
        history.evidence.add_inquiries(FEED, counts, who="anna", why="many", at=AT)
        assert [line.entry.action for line in history.audit.find_all()] == [*["inquiries import"], *["facts"] * 3]
        assert history.audit.verify() == ()


@pytest.fixture
def bare_url(new_url):
    return new_url


def tamper(history, statement):
    with history.database.writing() as connection:
        connection.execute(text(statement))
