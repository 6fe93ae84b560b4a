"""The composition root: everything is built here once, from the settings, and handed to both faces."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from langchain_core.embeddings import Embeddings

from bot.data_dir import locked
from bot.settings import Settings
from retrieval.answers.answerer import Answerer
from retrieval.answers.models import chat_model
from retrieval.digests.digests import Digests
from retrieval.index.database import Database
from retrieval.index.embedder import MINILM, MiniLMEmbeddings, ServerEmbeddings
from retrieval.index.vectors import EmbeddedVectors, ServerVectors, VectorIndex
from retrieval.index.writer import Limits
from retrieval.ingestion.feeds import Feeds
from retrieval.ingestion.jobs import Jobs
from retrieval.library import Libraries
from retrieval.sources.fetcher import Fetcher
from retrieval.summaries.summarizer import Summarizer


@dataclass(frozen=True, slots=True)
class App:
    """What a face needs: the settings, the libraries, who answers, and who summarises."""

    settings: Settings
    database: Database
    libraries: Libraries
    answerer: Answerer
    summarizer: Summarizer
    fetcher: Fetcher
    jobs: Jobs
    feeds: Feeds
    digests: Digests


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """The running application. Raises FootnoteError when a part cannot be opened."""
    # LangChain would send every prompt to its maker's service if this were set in the operator's shell.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    with locked(settings.data_dir):
        async with AsyncExitStack() as stack:
            database = Database(settings.database)
            stack.push_async_callback(database.close)
            vectors = open_vectors(settings)
            stack.push_async_callback(vectors.close)
            fetcher = Fetcher()
            stack.push_async_callback(fetcher.close)
            await database.migrate()
            embeddings = open_embeddings(settings)
            limits = Limits(settings.library_articles, int(settings.library_megabytes * 1_000_000))
            libraries = Libraries(database, vectors, embeddings, settings.embedding_model, limits)
            jobs = Jobs(libraries, fetcher, settings.library_jobs)
            stack.push_async_callback(jobs.close)
            feeds = Feeds(libraries, fetcher, jobs, timedelta(minutes=settings.feed_minutes))
            model = None
            if settings.has_chat_model:
                model = chat_model(settings.chat_model, settings.key, settings.openai_base_url, settings.model_timeout)
            embedder = embeddings if isinstance(embeddings, MiniLMEmbeddings) else MiniLMEmbeddings()
            answerer = Answerer(embedder, model, settings.chat_model, settings.model_timeout, settings.answer_judge)
            summarizer = Summarizer(embedder, model, settings.chat_model, settings.model_timeout)
            digests = Digests(libraries, summarizer)
            yield App(settings, database, libraries, answerer, summarizer, fetcher, jobs, feeds, digests)


def open_vectors(settings: Settings) -> VectorIndex:
    """Chroma on the data directory, or the server at CHROMA_URL."""
    if settings.chroma_url:
        return ServerVectors(settings.chroma_url)
    return EmbeddedVectors(settings.data_dir / "chroma")


def open_embeddings(settings: Settings) -> Embeddings:
    """The built-in embedder, or the one EMBEDDING_MODEL names."""
    if settings.embedding_model == MINILM:
        return MiniLMEmbeddings()
    return ServerEmbeddings(settings.embedding_model, settings.key, settings.openai_base_url)
