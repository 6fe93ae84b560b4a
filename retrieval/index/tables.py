"""The tables of the SQL database, which is the truth; the vector index is derived from it.

Column types are the portable ones, so that SQLite, PostgreSQL and others hold the same data. The migrations
in `migrations/` create exactly these tables, and a test keeps the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
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
    # When the bot was found to be no member of the server any more; after the grace period the library goes.
    Column("left_at", String(40)),
    # May members have any page of the web summarised, or only articles of the library?
    Column("summarize_any", Boolean, nullable=False, server_default=true()),
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
    # Who brought it: a Discord user's id, `feed:` with the feed's id, or nothing for the terminal.
    Column("added_by", String(40)),
    # When its source was last compared with it, and what makes the next comparison cheap.
    Column("checked_at", String(40)),
    Column("etag", String(500)),
    Column("last_modified", String(100)),
    Column("characters", Integer, nullable=False, server_default="0"),
    # The article this one repeats almost word for word, such as one agency report on two sites.
    Column("twin_of", Integer),
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
    # How many vectors the passage has in Chroma.
    Column("vectors", Integer, nullable=False),
    UniqueConstraint("article_id", "key", name="uq_passages_article_key"),
    Index("ix_passages_key", "library_id", "key"),
    sqlite_autoincrement=True,
)

# The lexical index: for each term and block of passage ids an array of the passages that have it, and how often
# (`retrieval.index.postings`).
postings = Table(
    "postings",
    metadata,
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True),
    Column("term", String(200), primary_key=True),
    Column("block", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# The terms of each passage that is in the lexical index, in order, with spaces between.
passage_terms = Table(
    "passage_terms",
    metadata,
    Column("passage_id", ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    Column("terms", Text, nullable=False),
)

# Small facts about the installation itself, such as the hash of the slash commands last sent to Discord.
facts = Table(
    "facts",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

# The smallest hashes of an article's word groups, by which articles with nearly the same text find each other.
sketches = Table(
    "sketches",
    metadata,
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# Ingestions: what somebody asked to add. A job that is `running` at the start of the bot is gone on with.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    # A Discord user's id, or `feed:` with the feed's id; and the channel that hears of a job that was interrupted.
    Column("asked_by", String(40)),
    Column("channel_id", String(20)),
    Column("created_at", String(40), nullable=False),
    Column("finished_at", String(40)),
    sqlite_autoincrement=True,
)

job_items = Table(
    "job_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    # What to read, until it is read: an address and what is known of it, a file's bytes, or a whole article.
    Column("request", Text),
    Column("content", LargeBinary),
    Column("state", String(10), nullable=False),
    # What came of it, as JSON.
    Column("outcomes", Text),
    Column("feed_item_id", ForeignKey("feed_items.id", ondelete="SET NULL")),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("added_by", String(40)),
    # Where a feed that broke is reported.
    Column("channel_id", String(20)),
    Column("added_at", String(40), nullable=False),
    Column("checked_at", String(40)),
    Column("next_at", String(40), nullable=False, index=True),
    Column("etag", String(500)),
    Column("last_modified", String(100)),
    # Polls that failed since the last one that did not, why, and whether somebody was told.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("reported", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("library_id", "url", name="uq_feeds_library_url"),
    sqlite_autoincrement=True,
)

# How far a feed was read: an item that has a row is not ingested again, unless it failed and may be tried again.
feed_items = Table(
    "feed_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    # SHA-256 of the item's id, which may be any text.
    Column("key", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("seen_at", String(40), nullable=False),
    UniqueConstraint("feed_id", "key", name="uq_feed_items_feed_key"),
)

# Scheduled summaries of what is new: of a person (`user_id`), of a channel (`channel_id`), or the terminal's own.
digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", String(20), index=True),
    Column("channel_id", String(20)),
    Column("topic", Text),
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE")),
    Column("length", String(10), nullable=False),
    Column("cadence", String(10), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("created_at", String(40), nullable=False),
    # Articles added after this moment are new.
    Column("since", String(40), nullable=False),
    Column("next_at", String(40), nullable=False, index=True),
    # The due moment an issue was begun for, and up to when that issue tells what is new: another attempt is the same.
    Column("attempt_for", String(40)),
    Column("attempt_until", String(40)),
    # Until then nobody else delivers it.
    Column("claimed_until", String(40)),
    # Deliveries that failed since the last one that did not; from a number on the digest is `paused` or `broken`, and
    # `told` says whether the person knows.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("state", String(10), nullable=False, server_default="on"),
    Column("told", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,
)

# Roles that may ingest, and channels where members may; without rows only Manage Server counts.
librarians = Table(
    "librarians",
    metadata,
    Column("library_id", ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("discord_id", String(20), primary_key=True),
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

# Messages for people whose DMs are closed, kept an hour for a second try.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", String(20), nullable=False),
    Column("texts", Text, nullable=False),
    # What the buttons under them are made of.
    Column("request", String(100)),
    Column("link", Text),
    Column("expires_at", String(40), nullable=False),
    sqlite_autoincrement=True,
)
