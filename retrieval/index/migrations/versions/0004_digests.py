"""Digests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(20)),
        sa.Column("channel_id", sa.String(20)),
        sa.Column("topic", sa.Text()),
        sa.Column("feed_id", sa.Integer()),
        sa.Column("length", sa.String(10), nullable=False),
        sa.Column("cadence", sa.String(10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.Column("next_at", sa.String(40), nullable=False),
        sa.Column("attempt_for", sa.String(40)),
        sa.Column("attempt_until", sa.String(40)),
        sa.Column("claimed_until", sa.String(40)),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("state", sa.String(10), nullable=False, server_default="on"),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_digests_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_digests_feed_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    for column in ("library_id", "user_id", "next_at"):
        op.create_index(f"ix_digests_{column}", "digests", [column])


def downgrade() -> None:
    op.drop_table("digests")
