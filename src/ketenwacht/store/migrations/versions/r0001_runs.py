"""Deliveries, runs and what was measured and said of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("size", sa.BigInteger()),
        sa.Column("manifest", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("feed", "delivery_id", "sha256", name="uq_deliveries_feed"),
    )
    op.create_index("ix_deliveries_period", "deliveries", ["feed", "period"])
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "delivery", sa.Integer(), sa.ForeignKey("deliveries.id", name="fk_runs_delivery"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
        sa.UniqueConstraint("delivery", name="uq_runs_delivery"),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
    )
    op.create_index("ix_series_metric", "series", ["feed", "metric"])
    op.create_table(
        "measurements",
        sa.Column(
            "run",
            sa.Integer(),
            sa.ForeignKey("runs.number", name="fk_measurements_run", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "series", sa.BigInteger(), sa.ForeignKey("series.id", name="fk_measurements_series"), nullable=False
        ),
        sa.Column("value", sa.Double()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("run", "series", name="pk_measurements"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "results",
        sa.Column(
            "run",
            sa.Integer(),
            sa.ForeignKey("runs.number", name="fk_results_run", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("observed", sa.Double()),
        sa.Column("bounded", sa.Boolean(), nullable=False),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("unit", sa.Text()),
        sa.Column("missing_since", sa.Date()),
        sa.Column("missing_value", sa.Double()),
        sa.Column("missing_low", sa.Double()),
        sa.Column("missing_high", sa.Double()),
        sa.PrimaryKeyConstraint("run", "position", name="pk_results"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "states",
        sa.Column(
            "run",
            sa.Integer(),
            sa.ForeignKey("runs.number", name="fk_states_run", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "check_name", name="pk_states"),
    )
    op.create_table(
        "claims",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("feed", "delivery_id", "sha256", name="pk_claims"),
    )


def downgrade() -> None:
    """Remove the tables and what is in them."""
    op.drop_table("claims")
    op.drop_table("states")
    op.drop_table("results")
    op.drop_table("measurements")
    op.drop_table("series")
    op.drop_table("runs")
    op.drop_table("deliveries")
