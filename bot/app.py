"""The composition root: everything is built here once, from the settings, and handed to both faces."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

from bot.data_dir import locked
from bot.settings import Settings
from retrieval.answers.answerer import Answerer
from retrieval.answers.models import chat_model
from retrieval.index.database import Database
from retrieval.index.embedder import MINILM, MiniLMEmbeddings, ServerEmbeddings
from retrieval.index.vectors import EmbeddedVectors, ServerVectors, VectorIndex
from retrieval.library import Libraries
from retrieval.summaries.summarizer import Summarizer


@dataclass(frozen=True, slots=True)
class App:
    """What a face needs: the settings, the libraries, who answers, and who summarises."""

    settings: Settings
    database: Database
    libraries: Libraries
    answerer: Answerer
    summarizer: Summarizer


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """The running application. Raises FootnoteError when a part cannot be opened."""
    # LangChain would send every prompt to its maker's service if this were set in the operator's shell.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    with locked(settings.data_dir):
        database = Database(settings.database)
        vectors = open_vectors(settings)
        try:
            await database.migrate()
            embeddings = open_embeddings(settings)
            libraries = Libraries(database, vectors, embeddings, settings.embedding_model)
            model = None
            if settings.has_chat_model:
                model = chat_model(settings.chat_model, settings.key, settings.openai_base_url, settings.model_timeout)
            judge = embeddings if settings.embedding_model == MINILM else MiniLMEmbeddings()
            answerer = Answerer(judge, model, settings.chat_model, settings.model_timeout)
            summarizer = Summarizer(judge, model, settings.chat_model, settings.model_timeout)
            yield App(settings, database, libraries, answerer, summarizer)
        finally:
            await vectors.close()
            await database.close()


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
