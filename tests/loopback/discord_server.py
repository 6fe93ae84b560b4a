"""A Discord server on 127.0.0.1: the gateway, and as much of the REST API as a question-answering bot uses.

    async with DiscordServer() as server:
        guild = server.add_guild("Newsroom")
        ...start the bot with LOOPBACK_DISCORD=server.base_url and the token server.token...
        await server.wait_for(lambda: server.ready)

The real client library connects to it, so what is recorded here is what Discord would have got. `violations`,
`failures` and `heartbeat_lateness` are what a test should look at in the end: a good bot leaves them empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from . import discord_faults as faults
from .discord_faults import JSON, Call, Faults, Refused, invalid_form, json_response, read_call
from .discord_players import (
    DM,
    EPHEMERAL,
    LOADING,
    THREAD,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    User,
    Version,
    snowflake,
)
from .discord_spec import Pings, SpecChecker

GUILDS, GUILD_MESSAGES, DM_MESSAGES = 1 << 0, 1 << 9, 1 << 12
GUILD_REACTIONS, DM_REACTIONS = 1 << 10, 1 << 13
MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15
T = TypeVar("T")
Handler = Callable[["DiscordServer", Call], Any]
ROUTES: list[tuple[str, str, Handler]] = []


def route(method: str, *paths: str) -> Callable[[Handler], Handler]:
    """Serve these paths under /api/v10 with the decorated method."""

    def mark(handler: Handler) -> Handler:
        ROUTES.extend((method, path, handler) for path in paths)
        return handler

    return mark


@dataclass(eq=False)
class Session:
    """A gateway session; it outlives its connection, so that a resuming client misses nothing."""

    intents: int
    shard: tuple[int, int] = (0, 1)
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    frames: list[JSON] = field(default_factory=list)
    queue: asyncio.Queue[JSON] = field(default_factory=asyncio.Queue)
    socket: web.WebSocketResponse | None = None

    def send(self, event: str, data: JSON) -> None:
        """Queue an event for the bot."""
        self.frames.append({"op": 0, "t": event, "s": len(self.frames) + 1, "d": data})
        self.queue.put_nowait(self.frames[-1])


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A heartbeat, and how many seconds after it was due it came."""

    at: float
    lateness: float


class DiscordServer:
    """Everything Discord knows, and everything the bot did."""

    def __init__(
        self,
        *,
        token: str = "loopback.token",
        bot_name: str = "Footnote",
        spec: SpecChecker | None = None,
        allow_message_content: bool = True,
        heartbeat_interval: float = 5.0,
        interaction_deadline: float = 3.0,
        token_lifetime: float = 900.0,
    ) -> None:
        self.token = token
        self.spec = spec or SpecChecker()
        self.faults = Faults()
        self.allow_message_content = allow_message_content
        self.heartbeat_interval = heartbeat_interval
        self.interaction_deadline = interaction_deadline
        self.token_lifetime = token_lifetime
        self.bot = User(bot_name, bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.uploads: dict[int, Attachment] = {}
        self.commands: dict[int | None, list[JSON]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.failures: list[str] = []
        self.heartbeats: list[Heartbeat] = []
        self.presences: list[JSON] = []
        self.identified: list[int] = []
        self.resumed = 0
        self.sessions: dict[str, Session] = {}
        self._sockets: dict[web.WebSocketResponse, float] = {}
        self._transports: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._runner: web.AppRunner | None = None
        self.base_url = self.gateway_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 << 20)
        for method, path, handler in ROUTES:
            app.router.add_route(method, f"/api/v10{path}", partial(self._serve, path, handler))
        app.router.add_get("/gw/", self._gateway)
        app.router.add_get("/attachments/{channel}/{message}/{name}", self._download)
        app.router.add_route("*", "/{tail:.*}", partial(self._serve, "", None))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url, self.gateway_url = f"http://{host}:{port}", f"ws://{host}:{port}/gw/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers:
            timer.cancel()
        await self.drop_gateway()
        if self._runner:
            await self._runner.cleanup()

    async def wait_for(self, condition: Callable[[], T], within: float = 5.0, what: str = "") -> T:
        """Wait until the condition is true and return its value; fails with what the bot did instead."""
        end = time.monotonic() + within
        while not (value := condition()):
            if time.monotonic() > end:
                recent = "\n  ".join(str(call) for call in self.calls[-12:])
                problems = "\n  ".join(self.violations + self.failures)
                raise AssertionError(f"not within {within} s: {what}\n  {recent}\n  {problems}".rstrip())
            await asyncio.sleep(0.01)
        return value

    # People and places

    def add_guild(self, name: str) -> Guild:
        """A new server with a #general; a connected bot sees that it was invited."""
        guild = Guild(self, name)
        guild.channel("general")
        self.guilds[guild.id] = guild
        self.dispatch("GUILD_CREATE", guild.payload(), guild, GUILDS)
        return guild

    def remove_guild(self, guild: Guild) -> None:
        """The bot is thrown out."""
        del self.guilds[guild.id]
        self.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild, GUILDS)

    def member(self, name: str, guild: Guild | None = None, *roles: Role) -> Member:
        """The person called so, in a server or (DMs only) in none; the same account everywhere."""
        user = next((user for user in self.users.values() if user.name == name), None) or User(name)
        self.users[user.id] = user
        if guild is None:
            return Member(self, user)
        member = guild.members.setdefault(user.id, Member(self, user, guild))
        member.roles.extend(roles)
        return member

    def add_channel(self, channel: Channel) -> Channel:
        """Put a channel in its place; a connected bot is told, except of DMs."""
        self.channels[channel.id] = channel
        if channel.guild:
            channel.guild.channels[channel.id] = channel
            event = "THREAD_CREATE" if channel.kind == THREAD else "CHANNEL_CREATE"
            if channel.guild.id in self.guilds:
                self.dispatch(event, channel.payload() | {"newly_created": True}, channel.guild, GUILDS)
        return channel

    def open_thread(self, parent: Channel, name: str, starter: Message | None = None, archive: int = 1440) -> Channel:
        """A thread; one that starts from a message has the id of that message."""
        thread = Channel(self, name, THREAD, parent.guild, parent=parent, archive_after=archive)
        if starter:
            thread.id, starter.thread = starter.id, thread
            first = Message(thread, starter.author, {}, starter, kind=21)
            first.history.append(Version(time.monotonic(), "", [], [], Pings()))
            thread.messages[first.id] = first
        return self.add_channel(thread)

    def dm(self, user: User) -> Channel:
        """The private channel between the bot and this account."""
        found = next((channel for channel in self.channels.values() if channel.recipient is user), None)
        return found or self.add_channel(Channel(self, user.name, DM, recipient=user))

    def upload(self, name: str, data: bytes) -> Attachment:
        """A file that belongs to no message, as options and forms send it."""
        file = Attachment("", name, data)
        file.url = f"{self.base_url}/attachments/0/{file.id}/{name}"
        self.uploads[file.id] = file
        return file

    def commands_in(self, guild: Guild | None) -> list[JSON]:
        """The commands people can use there: a server's own come before the global ones."""

        def usable(command: JSON) -> bool:
            contexts = command.get("contexts")
            if contexts is not None:
                return (0 if guild else 1) in contexts
            return guild is not None or command.get("dm_permission") is not False

        own = self.commands.get(guild.id, []) if guild else []
        return own + [command for command in self.commands.get(None, []) if usable(command)]

    def publish(self, message: Message, event: str = "MESSAGE_CREATE") -> None:
        """Keep a message and tell the bot; nobody is told of ephemeral ones."""
        message.channel.messages[message.id] = message
        guild = message.channel.guild
        if message.flags & EPHEMERAL:
            return
        more: JSON = {}
        if guild:
            more = {"guild_id": str(guild.id)}
            if message.author.id in guild.members:
                author = guild.members[message.author.id].payload()
                more["member"] = {key: value for key, value in author.items() if key not in ("user", "permissions")}
        for session in self._listeners(guild, GUILD_MESSAGES if guild else DM_MESSAGES):
            readable = bool(session.intents & MESSAGE_CONTENT)
            session.send(event, message.payload(everything=readable) | more)

    def delete(self, message: Message) -> None:
        """Delete a message, whoever does it."""
        message.deleted_at = time.monotonic()
        guild = message.channel.guild
        gone = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if not message.flags & EPHEMERAL:
            more = {"guild_id": str(guild.id)} if guild else {}
            self.dispatch("MESSAGE_DELETE", gone | more, guild, GUILD_MESSAGES if guild else DM_MESSAGES)

    def interact(self, interaction: Interaction) -> Interaction:
        """Hand an interaction to the bot and start the clock: three seconds, as at Discord."""
        self.interactions[interaction.token] = interaction
        self.dispatch("INTERACTION_CREATE", interaction.payload(), interaction.channel.guild)

        def expire() -> None:
            if interaction.acknowledged_at is None:
                interaction.failure = "application did not respond"
                self.failures.append(f"{interaction.data.get('name') or interaction.data}: {interaction.failure}")

        self._timers.append(asyncio.get_running_loop().call_later(self.interaction_deadline, expire))
        return interaction

    # Gateway

    @property
    def ready(self) -> bool:
        """Whether a bot is connected and has been sent its servers."""
        return any(session.socket for session in self.sessions.values())

    @property
    def heartbeat_lateness(self) -> float:
        """The worst delay of a heartbeat so far, counting one that is overdue now: a blocked event loop."""
        overdue = [time.monotonic() - due for due in self._sockets.values()]
        return max([0.0, *overdue, *(beat.lateness for beat in self.heartbeats)])

    def dispatch(self, event: str, data: JSON, guild: Guild | None = None, intent: int = 0) -> None:
        """Send an event to the sessions that asked for its kind."""
        for session in self._listeners(guild, intent):
            session.send(event, data)

    def _listeners(self, guild: Guild | None, intent: int) -> list[Session]:
        shard = guild.id >> 22 if guild else 0
        heard = [s for s in self.sessions.values() if not intent or s.intents & intent]
        return [session for session in heard if shard % session.shard[1] == session.shard[0]]

    async def drop_gateway(self, code: int | None = None) -> None:
        """Cut the connection, without a word or with a close code; the session stays open for a resume."""
        for socket in list(self._sockets):
            transport = self._transports[socket]
            if code is not None:
                await socket.close(code=code)
            elif transport:
                transport.abort()

    async def ask_reconnect(self) -> None:
        """Tell the bot to reconnect, as Discord does before maintenance."""
        for socket in list(self._sockets):
            await socket.send_json({"op": 7, "d": None})

    async def invalidate_sessions(self) -> None:
        """Forget the sessions and say so: the bot has to identify anew."""
        self.sessions.clear()
        for socket in list(self._sockets):
            await socket.send_json({"op": 9, "d": False})

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=1 << 14)
        await socket.prepare(request)
        self._transports[socket] = request.transport
        self._sockets[socket] = time.monotonic() + self.heartbeat_interval
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": int(self.heartbeat_interval * 1000)}})
        session: Session | None = None
        writer: asyncio.Task[None] | None = None
        try:
            async for frame in socket:
                if frame.type != WSMsgType.TEXT:
                    continue
                message = json.loads(frame.data)
                data = message.get("d")
                match message["op"]:
                    case 1:
                        now = time.monotonic()
                        self.heartbeats.append(Heartbeat(now, max(0.0, now - self._sockets[socket])))
                        self._sockets[socket] = now + self.heartbeat_interval
                        await socket.send_json({"op": 11})
                    case 2 | 6:
                        enter = self._identify if message["op"] == 2 else self._resume
                        session = await enter(socket, data)
                        if session:
                            session.socket = socket
                            writer = asyncio.create_task(self._write(socket, session))
                    case 3:
                        self.presences.append(data)
                    case 8 if session:
                        self._chunk(session, data)
                    case other:
                        self.violations.append(f"gateway: unexpected op {other}")
        finally:
            del self._sockets[socket], self._transports[socket]
            if session and session.socket is socket:
                session.socket = None
            if writer:
                writer.cancel()
        return socket

    async def _write(self, socket: web.WebSocketResponse, session: Session) -> None:
        queue = session.queue
        # What could not be sent stays in the session's frames, for a resume.
        with contextlib.suppress(ConnectionError):
            while True:
                await socket.send_json(await queue.get())

    async def _identify(self, socket: web.WebSocketResponse, data: JSON) -> Session | None:
        intents = data["intents"]
        self.identified.append(intents)
        forbidden = MEMBERS | PRESENCES | (0 if self.allow_message_content else MESSAGE_CONTENT)
        if data["token"] != self.token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return None
        if intents & forbidden:
            await socket.close(code=4014, message=b"Disallowed intent(s).")
            return None
        session = Session(intents, tuple(data.get("shard", (0, 1))))
        self.sessions = {key: old for key, old in self.sessions.items() if old.shard != session.shard}
        self.sessions[session.id] = session
        mine = [guild for guild in self.guilds.values() if (guild.id >> 22) % session.shard[1] == session.shard[0]]
        flags = 1 << 19 if self.allow_message_content else 0
        ready = {
            "v": 10,
            "user": self.bot.payload(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(self.bot.id), "flags": flags},
        }
        session.send("READY", ready)
        for guild in mine if intents & GUILDS else []:
            session.send("GUILD_CREATE", guild.payload())
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: JSON) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await socket.send_json({"op": 9, "d": False})
            return None
        self.resumed += 1
        session.queue = asyncio.Queue()
        for frame in session.frames[data["seq"] or 0 :]:
            session.queue.put_nowait(frame)
        session.send("RESUMED", {})
        return session

    def _chunk(self, session: Session, data: JSON) -> None:
        guild = self.guilds[int(data["guild_id"])]
        wanted = [int(user) for user in data.get("user_ids") or []]
        start = (data.get("query") or "").lower()
        found = [
            m for m in guild.members.values() if m.id in wanted or (start and m.user.name.lower().startswith(start))
        ]
        chunk = {
            "guild_id": str(guild.id),
            "members": [m.payload() for m in found],
            "chunk_index": 0,
            "chunk_count": 1,
        }
        session.send("GUILD_MEMBERS_CHUNK", chunk | {"nonce": data.get("nonce"), "not_found": []})

    # REST

    async def _download(self, request: web.Request) -> web.Response:
        number, name = int(request.match_info["message"]), request.match_info["name"]
        messages = [message for channel in self.channels.values() for message in channel.messages.values()]
        files = [file for message in messages if message.id == number for file in message.files if file.name == name]
        files += [self.uploads[number]] if number in self.uploads else []
        return web.Response(body=files[0].data) if files else web.Response(status=404)

    async def _serve(self, template: str, handler: Handler | None, request: web.Request) -> web.StreamResponse:
        call = await read_call(request, template)
        self.calls.append(call)
        response = await self._answer(template, handler, request, call)
        response.headers.update(call.headers)
        call.status = response.status
        self.faults.part(request, call)
        return response

    async def _answer(self, template: str, handler: Handler | None, request: web.Request, call: Call) -> web.Response:
        by_token = template.startswith(("/interactions", "/webhooks"))
        if request.headers.get("Authorization") != f"Bot {self.token}" and not by_token:
            return json_response(faults.UNAUTHORIZED.payload(), 401)
        if handler is None:
            self.violations.append(f"{call.method} {call.path}: no such route here")
            return json_response(faults.NO_SUCH_ROUTE.payload(), 404)
        complaints = self.spec.check(call.method, call.path, call.query, call.body)
        self.violations += complaints
        if planned := await self.faults.meet(request, call):
            return planned
        try:
            if complaints:
                raise Refused(invalid_form(dict.fromkeys(["body"], "; ".join(complaints))))
            result = handler(self, call)
        except Refused as refused:
            refusal = refused.refusal
            if refusal.code in (50035, 50006, 40060) and not complaints:
                self.violations.append(f"{call.method} {call.path}: {refusal.message} {refusal.errors or ''}".strip())
            return json_response(refusal.payload(), refusal.status)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Without the API file a malformed body gets as far as this.
            self.violations.append(f"{call.method} {call.path}: malformed request, {error!r}")
            return json_response(invalid_form({"body": repr(error)}).payload(), 400)
        return web.Response(status=204) if result is None else json_response(result, call.status or 200)

    def _guild(self, call: Call) -> Guild:
        guild = self.guilds.get(int(call.ids["guild_id"]))
        if guild is None:
            raise Refused(faults.UNKNOWN_GUILD)
        return guild

    def _channel(self, call: Call) -> Channel:
        channel = self.channels.get(int(call.ids["channel_id"]))
        if channel is None:
            raise Refused(faults.UNKNOWN_CHANNEL)
        if channel.guild and channel.guild.id not in self.guilds:
            raise Refused(faults.MISSING_ACCESS)
        return channel

    def _message(self, call: Call) -> Message:
        message = self._channel(call).messages.get(int(call.ids["message_id"]))
        if message is None or message.deleted_at is not None or message.flags & EPHEMERAL:
            raise Refused(faults.UNKNOWN_MESSAGE)
        return message

    @property
    def _readable(self) -> bool:
        return any(session.intents & MESSAGE_CONTENT for session in self.sessions.values())

    @route("GET", "/users/@me")
    def _me(self, call: Call) -> JSON:
        return self.bot.payload() | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}

    @route("GET", "/users/{user_id}")
    def _user(self, call: Call) -> JSON:
        if int(call.ids["user_id"]) not in self.users:
            raise Refused(faults.UNKNOWN_USER)
        return self.users[int(call.ids["user_id"])].payload()

    @route("GET", "/oauth2/applications/@me", "/applications/@me")
    def _application(self, call: Call) -> JSON:
        owner = self.member("Operator").user.payload()
        shown: JSON = {
            "id": str(self.bot.id),
            "name": self.bot.name,
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
            "flags": 1 << 19 if self.allow_message_content else 0,
            "summary": "",
            "bot": self.bot.payload(),
        }

    @route("GET", "/gateway", "/gateway/bot")
    def _gateway_address(self, call: Call) -> JSON:
        limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        more = {"shards": 1, "session_start_limit": limits} if call.path.endswith("bot") else {}
        return {"url": self.gateway_url} | more

    @route("POST", "/users/@me/channels")
    def _open_dm(self, call: Call) -> JSON:
        user = self.users.get(int(call.body["recipient_id"]))
        if user is None:
            raise Refused(faults.UNKNOWN_USER)
        return self.dm(user).payload()

    @route("DELETE", "/users/@me/guilds/{guild_id}")
    def _leave(self, call: Call) -> None:
        self.remove_guild(self._guild(call))

    @route("GET", "/guilds/{guild_id}")
    def _show_guild(self, call: Call) -> JSON:
        return self._guild(call).payload()

    @route("GET", "/guilds/{guild_id}/channels")
    def _show_channels(self, call: Call) -> list[JSON]:
        return [channel.payload() for channel in self._guild(call).channels.values() if channel.kind != THREAD]

    @route("GET", "/guilds/{guild_id}/members/{user_id}")
    def _show_member(self, call: Call) -> JSON:
        guild, user = self._guild(call), int(call.ids["user_id"])
        if user not in guild.members:
            raise Refused(faults.UNKNOWN_MEMBER if user in self.users else faults.UNKNOWN_USER)
        return guild.members[user].payload()

    @route("GET", "/channels/{channel_id}")
    def _show_channel(self, call: Call) -> JSON:
        return self._channel(call).payload()

    @route("PATCH", "/channels/{channel_id}")
    def _edit_channel(self, call: Call) -> JSON:
        channel = self._channel(call)
        channel.name = call.body.get("name") or channel.name
        channel.archived = bool(call.body.get("archived", channel.archived))
        event = "THREAD_UPDATE" if channel.kind == THREAD else "CHANNEL_UPDATE"
        self.dispatch(event, channel.payload(), channel.guild, GUILDS)
        return channel.payload()

    @route("POST", "/channels/{channel_id}/typing")
    def _type(self, call: Call) -> None:
        self._channel(call).typing.append(call.at)

    @route("POST", "/channels/{channel_id}/messages")
    def _post(self, call: Call) -> JSON:
        channel, body = self._channel(call), call.body
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
        message = Message(channel, self.bot, body, reply_to, kind=19 if reply_to else 0)
        message.write(body, call.files)
        self.publish(message)
        return message.payload()

    @route("GET", "/channels/{channel_id}/messages")
    def _history(self, call: Call) -> list[JSON]:
        shown = [m for m in self._channel(call).messages.values() if m.deleted_at is None and not m.flags & EPHEMERAL]
        shown.sort(key=lambda message: message.id)
        limit, query = int(call.query.get("limit", 50)), call.query
        if "after" in query:
            shown = [message for message in shown if message.id > int(query["after"])][:limit]
        elif "around" in query:
            middle = sum(message.id < int(query["around"]) for message in shown)
            shown = shown[max(0, middle - limit // 2) :][:limit]
        else:
            shown = [message for message in shown if message.id < int(query.get("before", 1 << 63))]
        return [message.payload(everything=self._readable) for message in shown[-limit:][::-1]]

    @route("GET", "/channels/{channel_id}/messages/{message_id}")
    def _show_message(self, call: Call) -> JSON:
        return self._message(call).payload(everything=self._readable)

    @route("PATCH", "/channels/{channel_id}/messages/{message_id}")
    def _edit(self, call: Call) -> JSON:
        message = self._message(call)
        if message.author is not self.bot:
            raise Refused(faults.OTHERS_MESSAGE)
        message.write(call.body, call.files)
        self.publish(message, "MESSAGE_UPDATE")
        return message.payload()

    @route("DELETE", "/channels/{channel_id}/messages/{message_id}")
    def _delete(self, call: Call) -> None:
        self.delete(self._message(call))

    @route("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
    def _react(self, call: Call) -> None:
        self.react(self._message(call), self.bot, call.ids["emoji_name"])

    @route("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
    def _unreact(self, call: Call) -> None:
        self.react(self._message(call), self.bot, call.ids["emoji_name"], add=False)

    def react(self, message: Message, user: User, emoji: str, *, add: bool = True) -> None:
        """Add or take back a reaction, whoever does it."""
        who = message.reactions.setdefault(emoji, set())
        (who.add if add else who.discard)(user.id)
        if not who:
            del message.reactions[emoji]
        guild = message.channel.guild
        data: JSON = {
            "user_id": str(user.id),
            "message_id": str(message.id),
            "channel_id": str(message.channel.id),
        }
        data |= {"emoji": {"id": None, "name": emoji}, "burst": False, "type": 0}
        if guild:
            data |= {"guild_id": str(guild.id), "member": guild.members[user.id].payload()}
        event = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
        self.dispatch(event, data, guild, GUILD_REACTIONS if guild else DM_REACTIONS)

    @route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
    def _thread(self, call: Call) -> JSON:
        message = self._message(call)
        if message.thread:
            raise Refused(faults.THREAD_EXISTS)
        archive = call.body.get("auto_archive_duration") or 1440
        call.status = 201
        return self.open_thread(message.channel, call.body["name"], message, archive).payload()

    @route(
        "GET",
        "/applications/{application_id}/commands",
        "/applications/{application_id}/guilds/{guild_id}/commands",
    )
    def _show_commands(self, call: Call) -> list[JSON]:
        return self.commands.get(int(call.ids["guild_id"]) if "guild_id" in call.ids else None, [])

    @route(
        "PUT",
        "/applications/{application_id}/commands",
        "/applications/{application_id}/guilds/{guild_id}/commands",
    )
    def _register(self, call: Call) -> list[JSON]:
        scope = self._guild(call).id if "guild_id" in call.ids else None
        old = {(command["name"], command["type"]): command["id"] for command in self.commands.get(scope, [])}
        new: dict[tuple[str, int], JSON] = {}
        for body in call.body:
            key = (body["name"], body.get("type") or 1)
            if key in new:
                raise Refused(invalid_form({"name": f"Application command names must be unique: {key[0]}"}))
            given = {
                "id": old.get(key) or str(snowflake()),
                "application_id": str(self.bot.id),
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
        self.commands[scope] = list(new.values())
        return self.commands[scope]

    @route("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
    def _callback(self, call: Call) -> JSON | None:
        used = self.interactions.get(call.ids["interaction_token"])
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
            message = Message(used.channel, self.bot, data, None, used, flags, 20 if used.kind == 2 else 0)
        if message and kind != 6:
            message.write(data, call.files)
            self.publish(message, "MESSAGE_UPDATE" if kind == 7 else "MESSAGE_CREATE")
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

    def _used(self, call: Call) -> Interaction:
        used = self.interactions.get(call.ids["webhook_token"])
        if used is None or used.acknowledged_at is None or call.ids["webhook_id"] != str(self.bot.id):
            raise Refused(faults.UNKNOWN_WEBHOOK)
        if time.monotonic() > used.created_at + self.token_lifetime:
            raise Refused(faults.DEAD_TOKEN)
        return used

    def _answered(self, call: Call) -> Message:
        used, wanted = self._used(call), call.ids.get("message_id", "@original")
        there = [m for m in (used.original, used.message, *used.followups) if m and m.deleted_at is None]
        found = [m for m in there if (m is used.original if wanted == "@original" else str(m.id) == wanted)]
        if not found:
            raise Refused(faults.UNKNOWN_MESSAGE)
        return found[0]

    @route("POST", "/webhooks/{webhook_id}/{webhook_token}")
    def _follow_up(self, call: Call) -> JSON:
        used = self._used(call)
        if used.original and used.original.loading:
            # While "thinking…" is shown, the first follow-up takes its place, and its privacy.
            used.original.write(call.body, call.files)
            self.publish(used.original, "MESSAGE_UPDATE")
            return used.original.payload()
        flags = (call.body.get("flags") or 0) & EPHEMERAL
        message = Message(used.channel, self.bot, call.body, used.original, used, flags, 19 if used.original else 0)
        message.write(call.body, call.files)
        used.followups.append(message)
        self.publish(message)
        return message.payload()

    @route(
        "GET",
        *(
            WEBHOOK_MESSAGES := [
                "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
                "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
            ]
        ),
    )
    def _show_answer(self, call: Call) -> JSON:
        return self._answered(call).payload()

    @route("PATCH", *WEBHOOK_MESSAGES)
    def _edit_answer(self, call: Call) -> JSON:
        message = self._answered(call)
        message.write(call.body, call.files)
        self.publish(message, "MESSAGE_UPDATE")
        return message.payload()

    @route("DELETE", *WEBHOOK_MESSAGES)
    def _delete_answer(self, call: Call) -> None:
        self.delete(self._answered(call))
