"""When a digest is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retrieval.digests.schedule import Schedule, next_due, zones
from retrieval.errors import FootnoteError


@pytest.mark.parametrize(
    "zone, hour, day, expected",
    [
        # The hour 2 does not exist on 29 March: due when the clock shows 3.
        ("Europe/Berlin", 2, "2026-03-28", ["2026-03-28T01", "2026-03-29T01", "2026-03-30T00"]),
        # It is there twice on 25 October: due the first time only.
        ("Europe/Berlin", 2, "2026-10-23", ["2026-10-24T00", "2026-10-25T00", "2026-10-26T01"]),
        ("America/New_York", 2, "2026-03-07", ["2026-03-07T07", "2026-03-08T07", "2026-03-09T06"]),
        ("America/New_York", 1, "2026-10-31", ["2026-10-31T05", "2026-11-01T05", "2026-11-02T06"]),
        # Half an hour's change: the first moment after the gap is 02:30.
        ("Australia/Lord_Howe", 2, "2026-10-03", ["2026-10-03T15:30", "2026-10-04T15:00", "2026-10-05T15:00"]),
        # Newfoundland changed its clocks at 00:01, so 01:00 did not exist and 01:01 did.
        ("America/St_Johns", 1, "2006-04-01", ["2006-04-01T04:30", "2006-04-02T03:31", "2006-04-03T03:30"]),
        ("UTC", 0, "2028-02-28", ["2028-02-29T00", "2028-03-01T00", "2028-03-02T00"]),
        # A day that the calendar of Samoa skipped.
        ("Pacific/Apia", 8, "2011-12-29", ["2011-12-29T18", "2011-12-30T18", "2011-12-31T18"]),
    ],
)
def test_a_daily_digest_is_due_once_a_local_day(zone: str, hour: int, day: str, expected: list[str]) -> None:
    moment = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    found = []
    for _ in expected:
        moment = next_due(Schedule("daily", hour, zone), moment)
        assert moment.tzinfo is UTC
        found.append(moment.isoformat()[: len(expected[len(found)])])
    assert found == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_no_day_of_two_years_is_left_out_or_doubled(zone: str, hour: int) -> None:
    moment = datetime(2017, 1, 1, 12, tzinfo=UTC)
    days = []
    while moment < datetime(2019, 1, 1, 12, tzinfo=UTC):
        moment = next_due(Schedule("daily", hour, zone), moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


def test_a_weekly_digest_is_due_on_its_day_of_the_local_week() -> None:
    sunday_evening = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    monday = next_due(Schedule("weekly", 8, "Asia/Tokyo", weekday=0), sunday_evening)
    # In Tokyo it is Monday 08:30 already.
    assert monday == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert next_due(Schedule("weekly", 8, "Asia/Tokyo", weekday=0), monday) == monday + timedelta(days=7)


def test_an_unknown_zone_is_a_sentence_with_what_may_be_meant() -> None:
    for wrong, meant in (("Europe/Berln", "Europe/Berlin"), ("new york", "America/New_York"), ("Qqq", "looks like")):
        with pytest.raises(FootnoteError, match=meant):
            Schedule("daily", 8, wrong)
    assert {"Europe/Berlin", "UTC"} < set(zones())
