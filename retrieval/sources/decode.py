"""Bytes to text that every database and both indexes can hold."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime

from charset_normalizer import from_bytes

from retrieval.errors import ArticleUnreadable

# As much of a file as is looked at to tell its encoding.
SAMPLE = 200_000
TYPOGRAPHIC = frozenset("“”‘’–—…•€£§©®°·«»\xa0")
# Without the letters that stand where other encodings have frequent ones of their own (ž, ł, ğ, ý …).
WESTERN = TYPOGRAPHIC | frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ¡¿")
# PostgreSQL stores no NUL, UTF-8 encodes no lone surrogate. One character for one, so offsets stay.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What an index of PostgreSQL takes of characters of any script; a longer identity is told apart by its hash.
LONGEST_IDENTITY = 500
EARLIEST_YEAR = 1000

# `10<sup>6</sup>` without its markup would be a hundred and six.
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
POWER = re.compile(r"[+-]?[0-9n]{1,3}")


def decode(content: bytes, name: str) -> str:
    """The text of a file, with line ends as `\\n`.

    UTF-8 unless the bytes say otherwise. Raises ArticleUnreadable for bytes that are not text.
    """
    encoding = _encoding(content[:SAMPLE])
    if encoding is None:
        raise ArticleUnreadable(f"{name}: the file is not text.")
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    return storable(text.replace("\r\n", "\n").replace("\r", "\n"))


def _encoding(sample: bytes) -> str | None:
    if 4 * sample.count(0) >= len(sample):
        # UTF-16 without its mark is valid UTF-8 full of NULs, and so are some binary files.
        wide = from_bytes(sample).best()
        return wide.encoding if wide and wide.encoding.startswith(("utf_16", "utf_32")) else None
    # One damaged character, or one that the sample cuts, does not make the file another encoding's.
    text = sample.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    if 2 * damaged <= sum(not char.isascii() for char in text) - damaged:
        return "utf-8"
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return None
    # Among one-byte encodings the guess goes astray on short texts; most such files are Windows-1252.
    text = sample.decode("cp1252", errors="replace")
    strange = [char for char in text if not char.isascii()]
    if len(strange) * 4 <= len(text) and WESTERN.issuperset(strange):
        guesses = {guess for match in matches for guess in match.could_be_from_charset}
        if "cp1252" in guesses or TYPOGRAPHIC.issuperset(strange):
            return "cp1252"
    return best.encoding


def raised(text: str) -> str:
    """A power as raised characters; other raised text (`1st`, `TM`) as it is."""
    return text.translate(RAISED) if POWER.fullmatch(text.strip()) else text


def storable(text: str) -> str:
    """The text with what no database stores replaced, character for character."""
    return UNSTORABLE.sub("\ufffd", text)


def bounded_identity(identity: str) -> str:
    """The identity as every database takes it as a key."""
    identity = storable(identity)
    if len(identity) > LONGEST_IDENTITY:
        return f"{identity[:400]}#{hashlib.sha256(identity.encode()).hexdigest()}"
    return identity


def iso_date(value: object) -> str | None:
    """A date as articles keep it (ISO 8601), or None when it is none.

    YAML gives dates as objects, JSON as strings; a Z suffix is what most feeds write. The year 1 is how some programs
    write that they know of no date.
    """
    if isinstance(value, str):
        text = value.strip()
        for parse in (date.fromisoformat, datetime.fromisoformat):
            try:
                value = parse(text)
                break
            except ValueError:
                continue
    return value.isoformat() if isinstance(value, date) and value.year >= EARLIEST_YEAR else None
