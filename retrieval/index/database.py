"""The SQL database: opening it, bringing it to the newest schema, reading and writing.

SQLite by default, PostgreSQL by URL. All calls are coroutines; SQLite
runs on aiosqlite's own thread, so the event loop never waits for the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from retrieval.errors import DatabaseUnavailable, FootnoteError
from retrieval.index.tables import facts

MIGRATIONS = Path(__file__).parent / "migrations"
DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
# Questions whose rows are read at once; more wait for some milliseconds.
READERS = 4

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """One engine with read and write transactions."""

    def __init__(self, url: str) -> None:
        """`url` is a SQLAlchemy URL; plain `postgresql://` and `sqlite:///` get their async driver."""
        scheme, _, rest = url.partition("://")
        try:
            parsed = make_url(f"{DRIVERS.get(scheme, scheme)}://{rest}")
            self._engine = create_async_engine(
                parsed,
                pool_pre_ping=parsed.get_backend_name() != "sqlite",
                # Errors are logged; what rows hold is not for the log.
                hide_parameters=True,
            )
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            raise FootnoteError(
                f"DATABASE_URL cannot be used ({error}). It looks like postgresql://user:password@host/database."
            ) from error
        # SQLite has one writer at a time; waiting for the turn here is fair and never fails with "locked".
        sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = asyncio.Lock() if sqlite else nullcontext()
        self._readers = create_engine(parsed.set(drivername="sqlite"), hide_parameters=True) if sqlite else None
        # Threads of its own: on those that everybody shares, documents are read for many seconds.
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="sql")
        for engine in (self._engine.sync_engine, self._readers) if self._readers is not None else ():
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)

    async def migrate(self) -> None:
        """Bring the schema to the newest version; does nothing on a current one.

        Raises DatabaseUnavailable, and FootnoteError for a schema that is newer than this program.
        """
        try:
            async with self._connection() as connection, connection.begin():
                await connection.run_sync(_upgrade)
        except CommandError as error:
            raise FootnoteError(
                f"The database was made by a newer version of Footnote ({error}); install that version again."
            ) from error
        except DBAPIError as error:
            raise _unavailable(error) from error

    async def look(self, reading: Callable[Concatenate[Connection, P], T], *given: P.args, **named: P.kwargs) -> T:
        """What a function reads with a connection of its own, in one go; it should do nothing but read.

        With SQLite on a thread: there each awaited statement wakes two threads four times, which costs more than
        most statements do.
        """
        if self._readers is None:
            async with self.read() as connection:
                # All its statements see one state of the database, as they do in SQLite.
                await connection.execution_options(isolation_level="REPEATABLE READ")
                return await connection.run_sync(reading, *given, **named)
        readers = self._readers

        def looked() -> T:
            with readers.connect() as connection:
                return reading(connection, *given, **named)

        return await asyncio.get_running_loop().run_in_executor(self._threads, looked)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading. Raises DatabaseUnavailable."""
        async with self._connection() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: everything inside happens, or nothing does. Raises DatabaseUnavailable."""
        async with self._writer, self._connection() as connection:
            await connection.execution_options(footnote_write=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self._engine.connect())
            except (OSError, DBAPIError) as error:
                # While it connects the driver lets the network's own errors through.
                raise _unavailable(error) from error
            try:
                yield connection
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                raise _unavailable(error) from error

    async def fact(self, name: str) -> str | None:
        """A small remembered value, or None."""
        async with self.read() as connection:
            return (await connection.execute(select(facts.c.value).where(facts.c.name == name))).scalar()

    async def remember(self, name: str, value: str) -> None:
        """Set a small value."""
        async with self.write() as connection:
            changed = await connection.execute(facts.update().where(facts.c.name == name).values(value=value))
            if not changed.rowcount:
                await connection.execute(facts.insert().values(name=name, value=value))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
        self._threads.shutdown()
        if self._readers is not None:
            self._readers.dispose()


def _unavailable(error: OSError | DBAPIError) -> DatabaseUnavailable:
    # SQLAlchemy's own text adds a link to its documentation; the driver's is the reason.
    reason = error.orig if isinstance(error, DBAPIError) else error
    return DatabaseUnavailable(f"The database at DATABASE_URL cannot be reached: {reason}.")


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling starts transactions late and would commit before DDL.
    connection.isolation_level = None
    # SQLite's own knows no letters beyond A to Z.
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    # Deleted articles leave no text behind in free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _lower(text: str | None) -> str | None:
    return text.lower() if text is not None else None


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("footnote_write")
    # Taking the write lock at once avoids the deadlock of two readers that both want to write.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
