"""Deliveries kept for closed DMs; whether pages outside the library may be summarised."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("libraries", sa.Column("summarize_any", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(20), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("request", sa.String(100)),
        sa.Column("link", sa.Text()),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_column("libraries", "summarize_any")
