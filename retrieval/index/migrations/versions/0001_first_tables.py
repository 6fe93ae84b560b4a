"""The first tables: libraries, articles, passages, postings, facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "libraries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("collection", sa.String(128), nullable=False),
        sa.Column("embedding_model", sa.String(200), nullable=False),
        sa.Column("unsettled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("started", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_libraries"),
        sa.UniqueConstraint("key", name="uq_libraries_key"),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(1000), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("author", sa.Text()),
        sa.Column("published_at", sa.String(40)),
        sa.Column("language", sa.String(16)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("added_at", sa.String(40), nullable=False),
        sa.Column("searchable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_articles_library_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_identity", "articles", ["library_id", "identity"])
    op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("vectors", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passages"),
        sa.UniqueConstraint("article_id", "key", name="uq_passages_article_key"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_passages_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_passages_article_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passages_key", "passages", ["library_id", "key"])
    op.create_index("ix_passages_article_id", "passages", ["article_id"])
    op.create_table(
        "postings",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(200), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "term", "passage_id", name="pk_postings"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_postings_library_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["passage_id"], ["passages.id"], name="fk_postings_passage_id", ondelete="CASCADE"),
    )
    op.create_index("ix_postings_passage_id", "postings", ["passage_id"])
    op.create_table(
        "facts",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )


def downgrade() -> None:
    for table in ("facts", "postings", "passages", "articles", "libraries"):
        op.drop_table(table)
