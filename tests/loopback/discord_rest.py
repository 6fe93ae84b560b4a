"""The REST API of the loopback Discord, as much of it as a question-answering bot uses: a function for each route."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import discord_faults as faults
from .discord_faults import JSON, Call, Refused, invalid_form
from .discord_gateway import GUILDS, MESSAGE_CONTENT
from .discord_world import EPHEMERAL, LOADING, THREAD, Channel, Guild, Interaction, Message, snowflake

if TYPE_CHECKING:
    from .discord_server import DiscordServer

Handler = Callable[["DiscordServer", Call], Any]
WEBHOOK_MESSAGES = [
    "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
]
ROUTES: list[tuple[str, str, Handler]] = []


def route(method: str, *paths: str) -> Callable[[Handler], Handler]:
    """Serve these paths under /api/v10 with the decorated function."""

    def mark(handler: Handler) -> Handler:
        ROUTES.extend((method, path, handler) for path in paths)
        return handler

    return mark


def _guild(server: DiscordServer, call: Call) -> Guild:
    guild = server.guilds.get(int(call.ids["guild_id"]))
    if guild is None:
        raise Refused(faults.UNKNOWN_GUILD)
    return guild


def _channel(server: DiscordServer, call: Call) -> Channel:
    channel = server.channels.get(int(call.ids["channel_id"]))
    if channel is None:
        raise Refused(faults.UNKNOWN_CHANNEL)
    if channel.guild and channel.guild.id not in server.guilds:
        raise Refused(faults.MISSING_ACCESS)
    return channel


def _message(server: DiscordServer, call: Call) -> Message:
    message = _channel(server, call).messages.get(int(call.ids["message_id"]))
    if message is None or message.deleted_at is not None or message.flags & EPHEMERAL:
        raise Refused(faults.UNKNOWN_MESSAGE)
    return message


def _readable(server: DiscordServer) -> bool:
    return any(session.intents & MESSAGE_CONTENT for session in server.sessions.values())


@route("GET", "/users/@me")
def _me(server: DiscordServer, call: Call) -> JSON:
    return server.bot.payload() | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


@route("GET", "/users/{user_id}")
def _user(server: DiscordServer, call: Call) -> JSON:
    if int(call.ids["user_id"]) not in server.users:
        raise Refused(faults.UNKNOWN_USER)
    return server.users[int(call.ids["user_id"])].payload()


@route("GET", "/oauth2/applications/@me", "/applications/@me")
def _application(server: DiscordServer, call: Call) -> JSON:
    owner = server.member("Operator").user.payload()
    shown: JSON = {
        "id": str(server.bot.id),
        "name": server.bot.name,
        "description": "",
        "icon": None,
        "owner": owner,
    }
    shown |= {
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "team": None,
        "rpc_origins": [],
    }
    return shown | {
        "flags": 1 << 19 if server.allow_message_content else 0,
        "summary": "",
        "bot": server.bot.payload(),
    }


@route("GET", "/gateway", "/gateway/bot")
def _gateway_address(server: DiscordServer, call: Call) -> JSON:
    limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    more = {"shards": 1, "session_start_limit": limits} if call.path.endswith("bot") else {}
    return {"url": server.gateway_url} | more


@route("POST", "/users/@me/channels")
def _open_dm(server: DiscordServer, call: Call) -> JSON:
    user = server.users.get(int(call.body["recipient_id"]))
    if user is None:
        raise Refused(faults.UNKNOWN_USER)
    return server.dm(user).payload()


@route("DELETE", "/users/@me/guilds/{guild_id}")
def _leave(server: DiscordServer, call: Call) -> None:
    server.remove_guild(_guild(server, call))


@route("GET", "/guilds/{guild_id}")
def _show_guild(server: DiscordServer, call: Call) -> JSON:
    return _guild(server, call).payload()


@route("GET", "/guilds/{guild_id}/channels")
def _show_channels(server: DiscordServer, call: Call) -> list[JSON]:
    return [channel.payload() for channel in _guild(server, call).channels.values() if channel.kind != THREAD]


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def _show_member(server: DiscordServer, call: Call) -> JSON:
    guild, user = _guild(server, call), int(call.ids["user_id"])
    if user not in guild.members:
        raise Refused(faults.UNKNOWN_MEMBER if user in server.users else faults.UNKNOWN_USER)
    return guild.members[user].payload()


@route("GET", "/channels/{channel_id}")
def _show_channel(server: DiscordServer, call: Call) -> JSON:
    return _channel(server, call).payload()


@route("PATCH", "/channels/{channel_id}")
def _edit_channel(server: DiscordServer, call: Call) -> JSON:
    channel = _channel(server, call)
    channel.name = call.body.get("name") or channel.name
    channel.archived = bool(call.body.get("archived", channel.archived))
    event = "THREAD_UPDATE" if channel.kind == THREAD else "CHANNEL_UPDATE"
    server.dispatch(event, channel.payload(), channel.guild, GUILDS)
    return channel.payload()


@route("POST", "/channels/{channel_id}/typing")
def _type(server: DiscordServer, call: Call) -> None:
    _channel(server, call).typing.append(call.at)


@route("POST", "/channels/{channel_id}/messages")
def _post(server: DiscordServer, call: Call) -> JSON:
    channel, body = _channel(server, call), call.body
    if channel.recipient and not channel.recipient.dms_open:
        raise Refused(faults.CLOSED_DMS)
    if body.get("enforce_nonce") and body.get("nonce") is not None:
        for earlier in channel.messages_by_bot():
            if earlier.body.get("nonce") == body["nonce"]:
                return earlier.payload()
    reference = body.get("message_reference") or {}
    reply_to = channel.messages.get(int(reference.get("message_id") or 0))
    if reference and (reply_to is None or reply_to.deleted_at is not None):
        reply_to = None
        if reference.get("fail_if_not_exists", True):
            raise Refused(invalid_form({"message_reference": "Unknown message"}))
    message = Message(channel, server.bot, body, reply_to, kind=19 if reply_to else 0)
    message.write(body, call.files)
    server.publish(message)
    return message.payload()


@route("GET", "/channels/{channel_id}/messages")
def _history(server: DiscordServer, call: Call) -> list[JSON]:
    shown = [m for m in _channel(server, call).messages.values() if m.deleted_at is None and not m.flags & EPHEMERAL]
    shown.sort(key=lambda message: message.id)
    limit, query = int(call.query.get("limit", 50)), call.query
    if "after" in query:
        shown = [message for message in shown if message.id > int(query["after"])][:limit]
    elif "around" in query:
        middle = sum(message.id < int(query["around"]) for message in shown)
        shown = shown[max(0, middle - limit // 2) :][:limit]
    else:
        shown = [message for message in shown if message.id < int(query.get("before", 1 << 63))]
    return [message.payload(everything=_readable(server)) for message in shown[-limit:][::-1]]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def _show_message(server: DiscordServer, call: Call) -> JSON:
    return _message(server, call).payload(everything=_readable(server))


@route("PATCH", "/channels/{channel_id}/messages/{message_id}")
def _edit(server: DiscordServer, call: Call) -> JSON:
    message = _message(server, call)
    if message.author is not server.bot:
        raise Refused(faults.OTHERS_MESSAGE)
    message.write(call.body, call.files)
    server.publish(message, "MESSAGE_UPDATE")
    return message.payload()


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def _delete(server: DiscordServer, call: Call) -> None:
    server.delete(_message(server, call))


@route("GET", "/channels/{channel_id}/threads/archived/public")
def _archived_threads(server: DiscordServer, call: Call) -> JSON:
    channel = _channel(server, call)
    threads = [message.thread for message in channel.messages.values() if message.thread and message.thread.archived]
    return {"threads": [thread.payload() for thread in threads], "members": [], "has_more": False}


@route("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
def _react(server: DiscordServer, call: Call) -> None:
    server.react(_message(server, call), server.bot, call.ids["emoji_name"])


@route("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
def _unreact(server: DiscordServer, call: Call) -> None:
    server.react(_message(server, call), server.bot, call.ids["emoji_name"], add=False)


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def _thread(server: DiscordServer, call: Call) -> JSON:
    message = _message(server, call)
    if message.thread:
        raise Refused(faults.THREAD_EXISTS)
    archive = call.body.get("auto_archive_duration") or 1440
    call.status = 201
    return server.open_thread(message.channel, call.body["name"], message, archive).payload()


@route(
    "GET",
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)
def _show_commands(server: DiscordServer, call: Call) -> list[JSON]:
    return server.commands.get(int(call.ids["guild_id"]) if "guild_id" in call.ids else None, [])


@route(
    "PUT",
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)
def _register(server: DiscordServer, call: Call) -> list[JSON]:
    scope = _guild(server, call).id if "guild_id" in call.ids else None
    old = {(command["name"], command["type"]): command["id"] for command in server.commands.get(scope, [])}
    new: dict[tuple[str, int], JSON] = {}
    for body in call.body:
        key = (body["name"], body.get("type") or 1)
        if key in new:
            raise Refused(invalid_form({"name": f"Application command names must be unique: {key[0]}"}))
        given = {
            "id": old.get(key) or str(snowflake()),
            "application_id": str(server.bot.id),
            "type": key[1],
        }
        given |= {"version": str(snowflake()), "description": body.get("description") or ""}
        given |= {"guild_id": str(scope)} if scope else {"integration_types": body.get("integration_types") or [0]}
        rights = body.get("default_member_permissions")
        given["default_member_permissions"] = None if rights is None else str(rights)
        new[key] = {"contexts": None, "nsfw": False, "options": []} | body | given
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if sum(key[1] == kind for key in new) > most:
            raise Refused(invalid_form({"type": f"Maximum number of application commands reached ({most})."}))
    server.commands[scope] = list(new.values())
    return server.commands[scope]


@route("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
def _callback(server: DiscordServer, call: Call) -> JSON | None:
    used = server.interactions.get(call.ids["interaction_token"])
    if used is None or used.failure:
        raise Refused(faults.UNKNOWN_INTERACTION)
    if used.acknowledged_at is not None:
        raise Refused(faults.ALREADY_ACKNOWLEDGED)
    kind, data = call.body["type"], call.body.get("data") or {}
    fitting = {2: (4, 5, 9), 3: (4, 5, 6, 7, 9), 4: (8,), 5: (4, 5, 6, 7)}[used.kind]
    if kind not in fitting or (kind in (6, 7) and used.message is None):
        raise Refused(invalid_form({"type": f"A callback of type {kind} does not fit the interaction."}))
    message = used.message if kind in (6, 7) else None
    if kind in (4, 5):
        flags = (data.get("flags") or 0) & EPHEMERAL | (LOADING if kind == 5 else 0)
        message = Message(used.channel, server.bot, data, None, used, flags, 20 if used.kind == 2 else 0)
    if message and kind != 6:
        message.write(data, call.files)
        server.publish(message, "MESSAGE_UPDATE" if kind == 7 else "MESSAGE_CREATE")
    used.acknowledged_at, used.callback, used.original = call.at, kind, message
    used.choices, used.modal = data.get("choices"), data if kind == 9 else None
    if call.query.get("with_response") not in ("1", "true"):
        return None
    shown: JSON = {"id": str(used.id), "type": used.kind}
    if message is None:
        return {"interaction": shown}
    shown |= {"response_message_id": str(message.id), "response_message_loading": message.loading}
    shown |= {"response_message_ephemeral": bool(message.flags & EPHEMERAL)}
    return {"interaction": shown, "resource": {"type": kind, "message": message.payload()}}


def _used(server: DiscordServer, call: Call) -> Interaction:
    used = server.interactions.get(call.ids["webhook_token"])
    if used is None or used.acknowledged_at is None or call.ids["webhook_id"] != str(server.bot.id):
        raise Refused(faults.UNKNOWN_WEBHOOK)
    if time.monotonic() > used.created_at + server.token_lifetime:
        raise Refused(faults.DEAD_TOKEN)
    return used


def _answered(server: DiscordServer, call: Call) -> Message:
    used, wanted = _used(server, call), call.ids.get("message_id", "@original")
    there = [m for m in (used.original, used.message, *used.followups) if m and m.deleted_at is None]
    found = [m for m in there if (m is used.original if wanted == "@original" else str(m.id) == wanted)]
    if not found:
        raise Refused(faults.UNKNOWN_MESSAGE)
    return found[0]


@route("POST", "/webhooks/{webhook_id}/{webhook_token}")
def _follow_up(server: DiscordServer, call: Call) -> JSON:
    used = _used(server, call)
    if used.original and used.original.loading:
        # While "thinking…" is shown, the first follow-up takes its place, and its privacy.
        used.original.write(call.body, call.files)
        server.publish(used.original, "MESSAGE_UPDATE")
        return used.original.payload()
    flags = (call.body.get("flags") or 0) & EPHEMERAL
    message = Message(used.channel, server.bot, call.body, used.original, used, flags, 19 if used.original else 0)
    message.write(call.body, call.files)
    used.followups.append(message)
    server.publish(message)
    return message.payload()


@route("GET", *WEBHOOK_MESSAGES)
def _show_answer(server: DiscordServer, call: Call) -> JSON:
    return _answered(server, call).payload()


@route("PATCH", *WEBHOOK_MESSAGES)
def _edit_answer(server: DiscordServer, call: Call) -> JSON:
    message = _answered(server, call)
    message.write(call.body, call.files)
    server.publish(message, "MESSAGE_UPDATE")
    return message.payload()


@route("DELETE", *WEBHOOK_MESSAGES)
def _delete_answer(server: DiscordServer, call: Call) -> None:
    server.delete(_answered(server, call))
