"""The gateway of the loopback Discord: the connection through which the bot hears what happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from .discord_faults import JSON
from .discord_world import Guild, User

GUILDS, GUILD_MESSAGES, DM_MESSAGES = 1 << 0, 1 << 9, 1 << 12
GUILD_REACTIONS, DM_REACTIONS = 1 << 10, 1 << 13
MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15


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


class Gateway:
    """The server's gateway side: who is connected, which events they get, and how punctual they are."""

    # What the server knows and the gateway only looks at.
    token: str
    bot: User
    guilds: dict[int, Guild]
    violations: list[str]
    allow_message_content: bool
    heartbeat_interval: float
    gateway_url: str

    def __init__(self) -> None:
        self.heartbeats: list[Heartbeat] = []
        self.presences: list[JSON] = []
        self.identified: list[int] = []
        self.resumed = 0
        self.sessions: dict[str, Session] = {}
        self._sockets: dict[web.WebSocketResponse, float] = {}
        self._transports: dict[web.WebSocketResponse, asyncio.Transport | None] = {}

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
