"""Where articles come from: who added them and when they were checked; ingestion jobs, feeds, who may ingest."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("libraries", sa.Column("left_at", sa.String(40)))
    for column in (
        sa.Column("added_by", sa.String(40)),
        sa.Column("checked_at", sa.String(40)),
        sa.Column("etag", sa.String(500)),
        sa.Column("last_modified", sa.String(100)),
        sa.Column("characters", sa.Integer(), server_default="0", nullable=False),
        sa.Column("twin_of", sa.Integer()),
    ):
        op.add_column("articles", column)
    op.execute("UPDATE articles SET characters = length(text)")
    op.create_table(
        "sketches",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "hash", "article_id", name="pk_sketches"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_sketches_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_sketches_article_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sketches_article_id", "sketches", ["article_id"])
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(40)),
        sa.Column("channel_id", sa.String(20)),
        sa.Column("added_at", sa.String(40), nullable=False),
        sa.Column("checked_at", sa.String(40)),
        sa.Column("next_at", sa.String(40), nullable=False),
        sa.Column("etag", sa.String(500)),
        sa.Column("last_modified", sa.String(100)),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("reported", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("library_id", "url", name="uq_feeds_library_url"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_feeds_library_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feeds_next_at", "feeds", ["next_at"])
    op.create_table(
        "feed_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_items"),
        sa.UniqueConstraint("feed_id", "key", name="uq_feed_items_feed_key"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_feed_items_feed_id", ondelete="CASCADE"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.String(40)),
        sa.Column("channel_id", sa.String(20)),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("finished_at", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_jobs_library_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_library_id", "jobs", ["library_id"])
    op.create_table(
        "job_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("request", sa.Text()),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcomes", sa.Text()),
        sa.Column("feed_item_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_job_items"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_items_job_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["feed_item_id"], ["feed_items.id"], name="fk_job_items_feed_item_id", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_job_items_job_id", "job_items", ["job_id"])
    op.create_table(
        "librarians",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("discord_id", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "kind", "discord_id", name="pk_librarians"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_librarians_library_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    for table in ("librarians", "job_items", "jobs", "feed_items", "feeds", "sketches"):
        op.drop_table(table)
    for column in ("twin_of", "characters", "last_modified", "etag", "checked_at", "added_by"):
        op.drop_column("articles", column)
    op.drop_column("libraries", "left_at")
