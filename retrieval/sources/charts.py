"""Charts of presentations as the lines of the table they were drawn from.

The values stand in the chart's XML beside references into a workbook (ECMA-376 part 1, 21.2), in the same way for
every kind of chart; the kinds of 2016 (waterfall, funnel, treemap …) have a form of their own ([MS-ODRAWXML] 2.24.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl.styles.numbers import is_date_format  # type: ignore[import-untyped]
from openpyxl.utils.datetime import from_excel  # type: ignore[import-untyped]
from pptx.oxml.ns import qn

from retrieval.sources.table import flat

_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
# What a point is named by, and what it is worth; charts of x and y have the second of each.
_NAMES = ("c:cat", "c:xVal")
_VALUES = ("c:val", "c:yVal", "c:bubbleSize")


def chart_lines(space: Any) -> Iterator[str]:
    """The title and a line for each point of a `c:chartSpace`, whatever its kind."""
    if title := _title(space.find(f"{qn('c:chart')}/{qn('c:title')}"), qn("c:v")):
        yield f"\n{title}\n"
    for plot in space.iter(qn("c:plotArea")):
        for kind in plot:
            series = [_series(one) for one in kind.findall(qn("c:ser"))]
            # Several series over the same categories are columns of one table.
            if any(names != series[0][1] for _, names, _ in series):
                for one in series:
                    yield from _rows([one])
            elif series:
                yield from _rows(series)
    yield "\n"


def extended_chart_lines(space: Any) -> Iterator[str]:
    """The same of a `cx:chartSpace`."""
    if title := _title(space.find(f"{_CX}chart/{_CX}title"), f"{_CX}v"):
        yield f"\n{title}\n"
    data = {one.get("id"): one for one in space.iter(f"{_CX}data")}
    for series in space.iter(f"{_CX}series"):
        used = series.find(f"{_CX}dataId")
        found = data.get(used.get("val")) if used is not None else None
        if found is not None:
            levels = found.findall(f"{_CX}strDim/{_CX}lvl")[:1]
            worth = [_points(dimension, f"{_CX}pt") for dimension in found.findall(f"{_CX}numDim")]
            yield from _rows([(_name(series.find(f"{_CX}tx"), f"{_CX}v"), _points(levels, f"{_CX}pt"), worth)])
    yield "\n"


# A series: its name, what each point is called by the point's number, and what it is worth, a size after it.
_Series = tuple[str, Mapping[int, str], list[dict[int, str]]]


def _series(series: Any) -> _Series:
    names: dict[int, str] = {}
    for place in _NAMES:
        found = series.find(qn(place))
        if found is not None:
            # Of categories in several levels the first is the nearest to the points.
            levels = list(found.iter(qn("c:lvl")))
            names = _points(levels[:1] or [found], qn("c:pt"))
    values = [_points([series.find(qn(place))], qn("c:pt")) for place in _VALUES if series.find(qn(place)) is not None]
    return _name(series.find(qn("c:tx")), qn("c:v")), names, values


def _rows(series: list[_Series]) -> Iterator[str]:
    numbers = sorted({number for _, _, values in series for points in values for number in points})
    for number in numbers:
        cells = [series[0][1].get(number, "")]
        for name, _, values in series:
            worth = " / ".join(points[number] for points in values if number in points)
            cells.append(f"{name}: {worth}" if name and worth else worth)
        yield f"- {'; '.join(cell for cell in cells if cell)}"


def _points(places: Iterable[Any], tag: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for place in places:
        code = next((one.text or "" for one in place.iter(qn("c:formatCode"))), "")
        for point in place.iter(tag):
            number, text = point.get("idx", ""), flat("".join(point.itertext()))
            if number.isdecimal() and text:
                found[int(number)] = _value(text, is_date_format(code))
    return found


def _value(text: str, dated: bool) -> str:
    """A number without what binary fractions add to it, such as the end of 10.500000000000002; a day as a date."""
    try:
        number = float(text)
        return str(from_excel(number).date()) if dated else f"{number:.15g}"
    except (ValueError, OverflowError, AttributeError):
        # A word, or a time of day.
        return text


def _name(place: Any, tag: str) -> str:
    return flat(" ".join(one.text or "" for one in place.iter(tag))) if place is not None else ""


def _title(place: Any, tag: str) -> str:
    """Written in the chart, or taken from a cell."""
    if place is None:
        return ""
    return flat("".join(one.text or "" for one in place.iter(qn("a:t")))) or _name(place, tag)
