"""The tables of the SQL database, which is the truth; the vector index is derived from it.

Column types are the portable ones, so that SQLite, PostgreSQL and others hold the same data. The migrations
in `migrations/` create exactly these tables, and a test keeps the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

# One library a Discord server (key = its id) and one for the terminal (key = "local").
libraries = Table(
    "libraries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    # The Chroma collection, under a name no other installation on the same Chroma server can have.
    Column("collection", String(128), nullable=False),
    Column("embedding_model", String(200), nullable=False),
    # True while vectors may differ from the rows here: set before the first write, cleared after the last.
    Column("unsettled", Boolean, nullable=False, server_default=false()),
    # True once the library has held an article, so that starter articles are offered once and never again.
    Column("started", Boolean, nullable=False, server_default=false()),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False),
    Column("identity", String(1000), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("source", Text),
    Column("author", Text),
    Column("published_at", String(40)),
    Column("language", String(16)),
    Column("text", Text, nullable=False),
    Column("added_at", String(40), nullable=False),
    # False while its passages are being indexed; an article is searchable whole or not at all.
    Column("searchable", Boolean, nullable=False, server_default=false()),
    Index("ix_articles_identity", "library_id", "identity"),
    # SQLite reuses the id of a deleted last row unless told not to; footnotes name articles by id.
    sqlite_autoincrement=True,
)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    # Content-addressed: names the passage's vectors in Chroma.
    Column("key", String(64), nullable=False),
    # How many vectors the passage has in Chroma, and how many terms in the lexical index.
    Column("vectors", Integer, nullable=False),
    Column("terms", Integer, nullable=False),
    UniqueConstraint("article_id", "key", name="uq_passages_article_key"),
    Index("ix_passages_key", "library_id", "key"),
    sqlite_autoincrement=True,
)

# The lexical index where the database has no BM25 of its own: one row a stem and passage.
postings = Table(
    "postings",
    metadata,
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True),
    Column("term", String(200), primary_key=True),
    Column("passage_id", ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("frequency", Integer, nullable=False),
)

# Small facts about the installation itself, such as the hash of the slash commands last sent to Discord.
facts = Table(
    "facts",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

# Finished summaries, so that the same request is answered at once; `key` names the texts, the request and the method.
summaries = Table(
    "summaries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False),
    # The article summarised, whose removal removes this too; empty for a topic, which draws on several.
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), index=True),
    Column("key", String(64), nullable=False),
    Column("value", Text, nullable=False),
    UniqueConstraint("library_id", "key", name="uq_summaries_library_key"),
)
