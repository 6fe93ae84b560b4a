"""Words as arrays: one row a term and block of passages, in every database alike, in place of FTS5 and of rows."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from retrieval.articles import head_line
from retrieval.index.postings import BLOCK, LENGTHS, packed
from retrieval.text import terms

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

log = logging.getLogger(__name__)

LONGEST_TERM = 200
ROWS = 2_000

Passages = Iterable[tuple[int, list[str]]]


def upgrade() -> None:
    op.drop_table("postings")
    op.create_table(
        "postings",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(200), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "term", "block", name="pk_postings"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], name="fk_postings_library_id", ondelete="CASCADE"),
    )
    op.create_table(
        "passage_terms",
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_passage_terms"),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name="fk_passage_terms_passage_id", ondelete="CASCADE"
        ),
    )
    # The lengths are among the arrays.
    op.drop_column("passages", "terms")
    connection = op.get_bind()
    for library_id in list(connection.execute(sa.text("SELECT id FROM libraries ORDER BY id")).scalars()):
        log.info("Library %d: its words are put into their new form", library_id)
        by_fts = sa.inspect(connection).has_table(f"lexicon_{library_id}")
        found = _from_fts(connection, library_id) if by_fts else _analysed(connection, library_id)
        for block, some in groupby(found, key=lambda passage: passage[0] // BLOCK):
            _fill(connection, library_id, block, some)
        for name in (f"lexicon_{library_id}_terms", f"lexicon_{library_id}") if by_fts else ():
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))


def downgrade() -> None:
    raise NotImplementedError("The words of an older version are not made again; restore a copy of the data directory.")


def _from_fts(connection: sa.Connection, library_id: int) -> Iterator[tuple[int, list[str]]]:
    """Every passage with its terms, as FTS5 kept them."""
    rows = connection.execute(sa.text(f"SELECT id, c0 FROM lexicon_{library_id}_content ORDER BY id"))
    yield from ((int(one), str(line).split()) for one, line in rows)


def _analysed(connection: sa.Connection, library_id: int) -> Iterator[tuple[int, list[str]]]:
    """Every passage of a searchable article with its terms, from its text."""
    statement = sa.text(
        "SELECT passages.id, passages.text, title, source, published_at FROM passages "
        "JOIN articles ON articles.id = passages.article_id "
        "WHERE passages.library_id = :library AND searchable ORDER BY passages.id"
    )
    for one, text, title, source, published_at in connection.execute(statement, {"library": library_id}):
        yield int(one), [*terms(head_line(title, source, published_at)), *terms(text)]


def _fill(connection: sa.Connection, library_id: int, block: int, found: Passages) -> None:
    counts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    lines: list[dict[str, object]] = []
    for one, words in found:
        lines.append({"one": one, "line": " ".join(words)})
        counts[LENGTHS].append((one, len(words)))
        for term, often in Counter(word[:LONGEST_TERM] for word in words).items():
            counts[term].append((one, often))
    rows = [
        {"library": library_id, "term": term, "block": block, "data": packed(passages)}
        for term, passages in counts.items()
    ]
    for start in range(0, len(lines), ROWS):
        connection.execute(
            sa.text("INSERT INTO passage_terms (passage_id, terms) VALUES (:one, :line)"), lines[start : start + ROWS]
        )
    for start in range(0, len(rows), ROWS):
        connection.execute(
            sa.text("INSERT INTO postings (library_id, term, block, data) VALUES (:library, :term, :block, :data)"),
            rows[start : start + ROWS],
        )
