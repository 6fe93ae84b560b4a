"""The door to digests: subscribing, claiming what is due, and an issue of what is new.

Delivery is at least once for an article and at most once for an issue: `since` moves on only when an issue was
delivered, and an attempt that broke off is repeated as the same issue under the same nonce.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_

from retrieval.answers.sanitize import printable
from retrieval.digests import digest_rows
from retrieval.digests.digest import Digest, Issue, stamp
from retrieval.digests.schedule import Schedule, next_due
from retrieval.digests.stories import tell
from retrieval.digests.topic import on_topic
from retrieval.errors import FootnoteError
from retrieval.index.remembering import RememberingEmbeddings
from retrieval.index.tables import digests
from retrieval.library import Libraries, Library
from retrieval.summaries.summarizer import LONGEST_TOPIC, Summarizer
from retrieval.summaries.summary import Length

MOST_DIGESTS = 5
# Deliveries in a row, refused or failed by a defect, after which a digest is paused.
MOST_FAILURES = 3


class Digests:
    """The digests of all libraries. Several of these may work on one database."""

    def __init__(self, libraries: Libraries, summarizer: Summarizer) -> None:
        self._libraries = libraries
        self._database = libraries.database
        self._summarizer = summarizer
        self._embedder = RememberingEmbeddings(summarizer.embedder)

    async def subscribe(
        self,
        library: Library,
        schedule: Schedule,
        length: Length,
        user_id: str | None = None,
        channel_id: str | None = None,
        topic: str | None = None,
        feed_id: int | None = None,
    ) -> Digest:
        """A digest of what is new from now on; without `topic` and `feed_id` of the whole library.

        The same subscriber, topic and feed again changes the digest that is there, which keeps what is new to it.
        Raises FootnoteError when the subscriber has `MOST_DIGESTS` in this library already.
        """
        moment = datetime.now(UTC)
        wanted = " ".join((topic or "").split()) or None
        if wanted and len(wanted) > LONGEST_TOPIC:
            raise FootnoteError(
                f"A topic has at most {LONGEST_TOPIC} characters; “{printable(wanted[:40])}…” has more."
            )
        values = {
            "length": length,
            "cadence": schedule.cadence,
            "hour": schedule.hour,
            "weekday": schedule.weekday,
            "zone": schedule.zone,
            "next_at": stamp(next_due(schedule, moment)),
            "state": "on",
            "failures": 0,
            "told": False,
            **digest_rows.IDLE,
        }
        async with self._database.write() as connection:
            await digest_rows.lock(connection, library.id)
            there = await digest_rows.found(connection, _subscriber(library, user_id, channel_id))
            same = [one.id for one in there if _folded(one.topic) == _folded(wanted) and one.feed_id == feed_id]
            if same:
                digest_id = same[0]
                await digest_rows.change(connection, [digest_id], **values)
            elif len(there) >= MOST_DIGESTS:
                raise FootnoteError(f"There are {MOST_DIGESTS} digests already; end one of them first.")
            else:
                names = {"user_id": user_id, "channel_id": channel_id, "topic": wanted, "feed_id": feed_id}
                dates = {"created_at": stamp(moment), "since": stamp(moment)}
                digest_id = await digest_rows.insert_digest(
                    connection, library_id=library.id, **names, **dates, **values
                )
            return (await digest_rows.found(connection, digests.c.id == digest_id))[0]

    async def of(self, library: Library, user_id: str | None = None, channel_id: str | None = None) -> list[Digest]:
        """The digests of a person or a channel in a library, oldest first; the terminal's own without either."""
        async with self._database.read() as connection:
            return await digest_rows.found(connection, _subscriber(library, user_id, channel_id))

    async def get(self, digest_id: int) -> Digest | None:
        """The digest of that id, or None."""
        async with self._database.read() as connection:
            there = await digest_rows.found(connection, digests.c.id == digest_id)
        return there[0] if there else None

    async def end(self, digest_id: int) -> bool:
        """Forget a digest; False when there is none."""
        async with self._database.write() as connection:
            return bool(await digest_rows.delete_digests(connection, digests.c.id == digest_id))

    async def claim_due(self, now: datetime, limit: int, lease: timedelta) -> list[tuple[Digest, bool]]:
        """Take at most `limit` due digests for the time of `lease`; nobody else is given them meanwhile.

        Each comes with whether an earlier attempt for the same due moment was begun, so that its issue may have been
        sent. `attempt_until` is then up to when that issue told what is new.
        """
        taken: list[tuple[Digest, bool]] = []
        async with self._database.write() as connection:
            for one in await digest_rows.due(connection, stamp(now), limit):
                if await digest_rows.claim(connection, one, stamp(now), stamp(now + lease)):
                    (claimed,) = await digest_rows.found(connection, digests.c.id == one.id)
                    taken.append((claimed, one.attempt_for == one.next_at))
        return taken

    async def issue(self, digest: Digest) -> Issue:
        """What was added until now, or until the moment of an earlier attempt, and is new to the digest, by story.

        An attempt that is repeated tells the same as the one before: what is new by then waits for the next issue.
        """
        library = await self._libraries.open(digest.library_key)
        until = await self._until(digest)
        new = [one for one in await library.articles() if digest.since < one.added_at <= until]
        if digest.feed_id is not None:
            new = [one for one in new if one.added_by == f"feed:{digest.feed_id}"]
        if digest.topic is not None:
            new = await on_topic(library, self._embedder, digest.topic, new)
        stories, more = await tell(library, self._summarizer, self._embedder, new, digest.length)
        return Issue(digest, stories, more, digest.since, until)

    async def delivered(self, digest: Digest, until: str, now: datetime) -> None:
        """An issue reached the person, or nothing was new: the next one is about what was added after `until`.

        It is due at the first due moment after now, so after a downtime there is one issue and not one a day.
        """
        next_at = stamp(next_due(digest.schedule, now))
        async with self._database.write() as connection:
            await digest_rows.deliver(connection, digest.id, until, next_at)

    async def failed(self, digest: Digest, now: datetime) -> Digest:
        """The person takes no messages: try at the next due moment, with everything since; gives the digest as it is.

        After `MOST_FAILURES` in a row it is paused.
        """
        failures = digest.failures + 1
        values = {"failures": failures, "next_at": stamp(next_due(digest.schedule, now)), **digest_rows.IDLE}
        if failures >= MOST_FAILURES:
            values |= {"state": "paused", "told": False}
        return await self._changed(digest, **values)

    async def failed_by_defect(self, digest: Digest, retry_at: datetime) -> Digest:
        """It could not be made or sent, and nobody knows why: try from `retry_at` on; gives the digest as it is.

        After `MOST_FAILURES` in a row it is broken, which is paused for another reason.
        """
        failures = digest.failures + 1
        if failures >= MOST_FAILURES:
            return await self._changed(digest, failures=failures, state="broken", told=False, **digest_rows.IDLE)
        return await self._changed(digest, failures=failures, claimed_until=stamp(retry_at))

    async def release(self, digest: Digest, retry_at: datetime) -> None:
        """Something failed for now: whoever asks from `retry_at` on is given the digest again, as a second attempt."""
        async with self._database.write() as connection:
            await digest_rows.change(connection, [digest.id], claimed_until=stamp(retry_at))

    async def resume(self, digest_id: int) -> Digest | None:
        """Let a paused digest go on, with everything since its last issue; None when there is none of that id."""
        digest = await self.get(digest_id)
        if digest is None:
            return None
        next_at = stamp(next_due(digest.schedule, datetime.now(UTC)))
        return await self._changed(digest, state="on", failures=0, told=False, next_at=next_at, **digest_rows.IDLE)

    async def paused_untold(self, user_id: str) -> list[Digest]:
        """Digests that a person asked for, own ones and channels', paused or broken without the person's knowing."""
        mine = digests.c.user_id == user_id
        async with self._database.read() as connection:
            return await digest_rows.found(connection, mine, digests.c.state != "on", ~digests.c.told)

    async def mark_told(self, ids: Sequence[int]) -> None:
        """The person knows that these are paused."""
        async with self._database.write() as connection:
            await digest_rows.change(connection, ids, told=True)

    @staticmethod
    def nonce(digest: Digest, part: int) -> str:
        """What names a message of an issue to Discord, so that sending it twice shows it once; 25 characters.

        Follows from the digest, its due moment and the message's number in the issue alone.
        """
        named = f"{digest.id}\x1f{digest.attempt_for or digest.next_at}\x1f{part}"
        return hashlib.sha256(named.encode()).hexdigest()[:25]

    async def _until(self, digest: Digest) -> str:
        """Up to when an issue made now tells what is new; noted where it is an attempt's."""
        if digest.attempt_until is not None:
            return digest.attempt_until
        # In a write transaction, so that on SQLite no article's row is halfway in.
        async with self._database.write() as connection:
            until = await digest_rows.settled_until(connection, digest.library_id, digest.since, datetime.now(UTC))
            return await digest_rows.begin(connection, digest, until) if digest.attempt_for else until

    async def _changed(self, digest: Digest, **values: object) -> Digest:
        async with self._database.write() as connection:
            await digest_rows.change(connection, [digest.id], **values)
        return replace(digest, **values)  # type: ignore[arg-type]


def _subscriber(library: Library, user_id: str | None, channel_id: str | None) -> ColumnElement[bool]:
    """A channel's digests, whoever asked for them; else a person's own; else the terminal's."""
    if channel_id is not None:
        return and_(digests.c.library_id == library.id, digests.c.channel_id == channel_id)
    mine = digests.c.user_id.is_(None) if user_id is None else digests.c.user_id == user_id
    return and_(digests.c.library_id == library.id, digests.c.channel_id.is_(None), mine)


def _folded(topic: str | None) -> str:
    return (topic or "").casefold()
