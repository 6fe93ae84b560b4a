"""Finished summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "summaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer()),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_summaries"),
        sa.UniqueConstraint("library_id", "key", name="uq_summaries_library_key"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_summaries_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_summaries_article_id", ondelete="CASCADE"),
    )
    op.create_index("ix_summaries_article_id", "summaries", ["article_id"])


def downgrade() -> None:
    op.drop_table("summaries")
