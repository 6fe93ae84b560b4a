"""Passages that follow one another in an article, read as the one text that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retrieval.articles import FoundPassage, Passage
from retrieval.library import Library


async def joined(library: Library, found: Sequence[FoundPassage]) -> tuple[Passage, ...]:
    """The passages, best first, with neighbours of an article as one, which stands where the best of them stood.

    Offsets go on counting the article's text. Passages do not overlap, so no sentence is there twice. One that has
    copies in other articles stays alone, since its neighbours have not.
    """
    place = {one.passage.id: number for number, one in enumerate(found)}
    alone = {one.passage.id for one in found if one.copies}
    runs: list[list[Passage]] = []
    for passage in sorted((one.passage for one in found), key=lambda one: (one.article_id, one.ordinal)):
        last = runs[-1][-1] if runs else None
        follows = last and (last.article_id, last.ordinal + 1) == (passage.article_id, passage.ordinal)
        if last and follows and not alone & {last.id, passage.id}:
            runs[-1].append(passage)
        else:
            runs.append([passage])
    runs.sort(key=lambda run: min(place[passage.id] for passage in run))
    return tuple([one for run in runs for one in await _as_one(library, run)])


async def _as_one(library: Library, run: Sequence[Passage]) -> Sequence[Passage]:
    if len(run) == 1:
        return run
    first, last = run[0], run[-1]
    text = await library.text(first.article_id) or ""
    # The article may have been replaced or removed since its passages were found.
    if any(text[passage.start : passage.end] != passage.text for passage in run):
        return run
    return [replace(first, end=last.end, text=text[first.start : last.end])]
