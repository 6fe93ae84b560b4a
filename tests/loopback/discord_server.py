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
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from . import discord_faults as faults
from .discord_faults import JSON, Call, Faults, Refused, invalid_form, json_response, read_call
from .discord_gateway import (
    DM_MESSAGES,
    DM_REACTIONS,
    GUILD_MESSAGES,
    GUILD_REACTIONS,
    GUILDS,
    MESSAGE_CONTENT,
    Gateway,
)
from .discord_players import Member
from .discord_rest import ROUTES, Handler
from .discord_spec import Pings, SpecChecker
from .discord_world import DM, EPHEMERAL, THREAD, Attachment, Channel, Guild, Interaction, Message, Role, User, Version

T = TypeVar("T")


class DiscordServer(Gateway):
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
        super().__init__()
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

    def begin_anew(self) -> None:
        """Throw the bot out of every server, and forget the people, the planned faults and what the bot did.

        It stays connected: a test that shares it with others starts like this, and meets nobody from before.
        """
        for guild in list(self.guilds.values()):
            self.remove_guild(guild)
        self.users = {self.bot.id: self.bot}
        self.faults.clear()
        for timer in self._timers:
            timer.cancel()
        for record in (self._timers, self.calls, self.violations, self.failures, self.heartbeats):
            record.clear()

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

    def add_role(self, guild: Guild, role: Role) -> Role:
        """Give a server a role; a connected bot is told."""
        guild.roles.append(role)
        if guild.id in self.guilds:
            self.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.payload()}, guild, GUILDS)
        return role

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
