"""Failures in Discord as sentences: one place for commands, forms and buttons."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import discord
from discord import app_commands

from bot.connection import CALL_FAILED
from bot.render import escape, shortened
from retrieval.errors import (
    DatabaseUnavailable,
    EmbedderUnavailable,
    EmbeddingModelChanged,
    FootnoteError,
    NothingFound,
    VectorIndexUnavailable,
)

log = logging.getLogger(__name__)

OPERATORS = (DatabaseUnavailable, VectorIndexUnavailable, EmbedderUnavailable, EmbeddingModelChanged)
# Escaped it may be longer, and still has to fit a message.
LONGEST_SENTENCE = 1_200
UNEXPECTED = "Something went wrong on my side; the log of this bot has the details. Please try again."


class Told(FootnoteError):
    """A sentence as Discord shows it, with mentions and names of commands; what is from outside is escaped in it."""


def for_members(error: FootnoteError) -> str:
    """The sentence a member sees; what only the operator can mend is not told in the operator's terms.

    Other parts of the program do not know Discord: their sentences hold titles and addresses as they are.
    """
    if isinstance(error, OPERATORS):
        return "The library cannot be searched at the moment. Who runs this bot finds the reason in its log."
    return str(error) if isinstance(error, Told) else escape(shortened(str(error), LONGEST_SENTENCE))


def note_failure(logger: logging.Logger, what: str, error: FootnoteError) -> None:
    """Log a failure that its person is told, without what they asked for; with a traceback where it has a cause."""
    if isinstance(error, NothingFound):
        logger.info("%s: the library holds nothing of what was named", what)
    else:
        logger.warning("%s: %s", what, error, exc_info=error if error.__cause__ else None)


def command_error(error: Exception) -> app_commands.AppCommandError:
    """Any error as the kind that the command tree's handler takes."""
    wrapped = app_commands.AppCommandError(str(error))
    wrapped.__cause__ = error
    return wrapped


Pressed = Callable[[Any, discord.Interaction], Coroutine[Any, Any, None]]


def told(callback: Pressed) -> Pressed:
    """A button's callback whose failures are told and logged as those of commands; discord.py would only log them."""

    @wraps(callback)
    async def pressed(button: Any, interaction: discord.Interaction) -> None:
        try:
            await callback(button, interaction)
        except Exception as error:  # noqa: BLE001 - tell_failure logs what is not expected, with its traceback
            await tell_failure(interaction, command_error(error))

    return pressed


async def tell_failure(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
    """Tell the person what failed, privately; expected failures bring their own sentence."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__ or error
    if isinstance(cause, FootnoteError):
        note_failure(log, "A command failed", cause)
        sentence = for_members(cause)
    elif isinstance(error, app_commands.CheckFailure):
        sentence = "You may not use this command here."
    else:
        log.error("A command failed", exc_info=cause)
        sentence = UNEXPECTED
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except CALL_FAILED as failed:
        log.warning("Could not tell about the failure", exc_info=failed)
