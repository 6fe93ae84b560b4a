"""When a digest is due: an hour of the local clock, every day or on one day of the week."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from retrieval.answers.sanitize import printable
from retrieval.calendar_names import WEEKDAYS
from retrieval.errors import FootnoteError

Cadence = Literal["daily", "weekly"]
NEAR = 3
# Names that a system's files may hold and that are no place.
NO_PLACE = frozenset({"Factory", "localtime"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """At `hour`:00 of `zone` (an IANA name), every day or, where weekly, on `weekday` (0 is Monday).

    Raises FootnoteError when the zone is unknown, or hour or weekday is none.
    """

    cadence: Cadence
    hour: int
    zone: str
    weekday: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.hour <= 23:
            raise FootnoteError(f"{self.hour} is no hour; it goes from 0 to 23.")
        if not 0 <= self.weekday <= 6:
            raise FootnoteError(f"{self.weekday} is no day of the week; 0 is Monday and 6 is Sunday.")
        if self.zone not in _known():
            raise FootnoteError(_unknown(self.zone))

    @property
    def words(self) -> str:
        """The schedule in words, such as "every Monday at 08:00, Europe/Berlin"."""
        day = "day" if self.cadence == "daily" else WEEKDAYS[self.weekday]
        return f"every {day} at {self.hour:02}:00, {self.zone}"


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The next due moment strictly after an aware moment, in UTC; exactly one for every matching local day.

    An hour that the clock skips is due when the clock goes on after the gap, one that it shows twice the first time.
    """
    zone = ZoneInfo(schedule.zone)
    # Behind a gap over midnight the moment of a day may lie on the next one.
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        if schedule.cadence == "daily" or day.weekday() == schedule.weekday:
            moment = _moment(day, schedule.hour, zone)
            if moment is not None and moment > after:
                return moment
        day += timedelta(days=1)


def zones() -> list[str]:
    """All zone names, sorted."""
    return sorted(_known())


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime | None:
    """The due moment of a local day in UTC; None where the calendar skips the whole day."""
    local = datetime.combine(day, time(hour), zone)
    # PEP 495: in a gap, fold 0 takes the offset from before it, so the moment lies behind the gap.
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    before, behind = local.replace(fold=1).astimezone(UTC), moment
    old = before.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(behind - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            behind = middle
    return behind if day in (before.astimezone(zone).date(), behind.astimezone(zone).date()) else None


@cache
def _known() -> frozenset[str]:
    # The tzdata package serves machines without zone files of their own.
    return frozenset(available_timezones() - NO_PLACE)


def _unknown(zone: str) -> str:
    """That there is no such zone, and which ones may be meant; a city alone finds its zone."""
    names = {name.casefold(): name for name in zones()}
    cities = {name.rsplit("/", 1)[-1]: names[name] for name in names}
    folded = zone.strip().casefold().replace(" ", "_")
    found = [spelt[one] for spelt in (names, cities) for one in difflib.get_close_matches(folded, spelt, NEAR, 0.75)]
    near = list(dict.fromkeys(found))[:NEAR]
    meant = f"Did you mean {' or '.join(near)}?" if near else "One looks like Europe/Berlin."
    return f"There is no time zone “{printable(zone)}”. {meant}"
