"""The places of the loopback Discord and what is said in them: accounts, servers, channels, messages, interactions.

Everything a message went through stays visible: each version with its time, and whom it would have notified.
"""

from __future__ import annotations

import itertools
import mimetypes
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .discord_faults import EMPTY_MESSAGE, JSON, Refused, invalid_form
from .discord_spec import V2_FLAG, Pings, form_errors, pings

if TYPE_CHECKING:
    from .discord_players import Member
    from .discord_server import DiscordServer

EPHEMERAL, LOADING = 1 << 6, 1 << 7
TEXT, DM, THREAD = 0, 1, 11
# View, send, embed, attach, read history, react, use commands, make public threads, send in threads.
EVERYDAY = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31 | 1 << 35 | 1 << 38
ADMINISTRATOR, MANAGE_GUILD, MENTION_EVERYONE = 1 << 3, 1 << 5, 1 << 17
_counter = itertools.count(1)


def snowflake() -> int:
    """A new id; like Discord's it carries the time, which bots read back as `created_at`."""
    return (int(time.time() * 1000) - 1420070400000 << 22) | (next(_counter) & 0xFFF)


@dataclass(eq=False)
class User:
    """An account. Bots are users too."""

    name: str
    bot: bool = False
    id: int = field(default_factory=snowflake)
    dms_open: bool = True

    @property
    def mention(self) -> str:
        """The text that mentions this account."""
        return f"<@{self.id}>"

    def payload(self) -> JSON:
        """The user object."""
        empty = dict.fromkeys(("avatar", "banner", "accent_color", "avatar_decoration_data", "collectibles"))
        named = {"id": str(self.id), "username": self.name.lower(), "global_name": self.name, "bot": self.bot}
        return empty | named | {"discriminator": "0", "public_flags": 0, "flags": 0, "system": False}


@dataclass(eq=False)
class Role:
    """A role of a server; the one with the server's own id is @everyone."""

    name: str
    permissions: int = 0
    id: int = field(default_factory=snowflake)

    def payload(self) -> JSON:
        """The role object."""
        shown = {"id": str(self.id), "name": self.name, "permissions": str(self.permissions), "position": 0}
        return shown | {"color": 0, "hoist": False, "managed": False, "mentionable": True, "flags": 0}


@dataclass(eq=False)
class Guild:
    """A Discord server."""

    server: DiscordServer
    name: str
    id: int = field(default_factory=snowflake)
    roles: list[Role] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.roles.append(Role("@everyone", EVERYDAY, self.id))
        self.owner = self.server.member(f"Owner of {self.name}", self)
        self.me = self.server.member(self.server.bot.name, self)

    def channel(self, name: str, kind: int = TEXT) -> Channel:
        """The channel called so, made when there is none."""
        found = (channel for channel in self.channels.values() if channel.name == name)
        return next(found, None) or self.server.add_channel(Channel(self.server, name, kind, self))

    def role(self, name: str, permissions: int = 0) -> Role:
        """A new role."""
        return self.server.add_role(self, Role(name, permissions))

    def payload(self) -> JSON:
        """The object of GUILD_CREATE; of the members a bot only gets itself without the members intent."""
        places = [channel.payload() for channel in self.channels.values()]
        empty: JSON = {key: [] for key in ("emojis", "stickers", "voice_states", "presences", "stage_instances")}
        empty |= {"guild_scheduled_events": [], "soundboard_sounds": [], "features": [], "icon": None}
        return (
            empty
            | {
                "id": str(self.id),
                "name": self.name,
                "owner_id": str(self.owner.id),
                "roles": [role.payload() for role in self.roles],
                "channels": [place for place in places if place["type"] != THREAD],
                "threads": [place for place in places if place["type"] == THREAD],
                "members": [self.me.payload()],
                "member_count": len(self.members),
                "joined_at": datetime.now(UTC).isoformat(),
                "large": False,
                "unavailable": False,
                "preferred_locale": "en-US",
            }
            | dict.fromkeys(("verification_level", "nsfw_level", "mfa_level", "premium_tier", "afk_timeout"), 0)
        )


@dataclass(eq=False)
class Channel:
    """A text channel, thread or DM with everything said in it, and each time the bot was seen typing."""

    server: DiscordServer
    name: str
    kind: int
    guild: Guild | None = None
    recipient: User | None = None
    parent: Channel | None = None
    id: int = field(default_factory=snowflake)
    messages: dict[int, Message] = field(default_factory=dict)
    typing: list[float] = field(default_factory=list)
    overwrites: list[JSON] = field(default_factory=list)
    archive_after: int = 1440
    archived: bool = False

    def messages_by_bot(self) -> list[Message]:
        """What the bot said here and did not delete, oldest first, ephemeral messages too."""
        return [m for m in self.messages.values() if m.author.bot and m.deleted_at is None]

    def payload(self) -> JSON:
        """The channel object."""
        last = max(self.messages, default=None)
        shown: JSON = {
            "id": str(self.id),
            "type": self.kind,
            "flags": 0,
            "last_message_id": last and str(last),
        }
        if self.recipient:
            return shown | {"recipients": [self.recipient.payload()]}
        assert self.guild
        parent = str(self.parent.id) if self.parent else None
        shown |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "parent_id": parent,
            "rate_limit_per_user": 0,
        }
        if self.kind != THREAD:
            return shown | {
                "position": 0,
                "permission_overwrites": self.overwrites,
                "nsfw": False,
                "topic": None,
            }
        now = datetime.now(UTC).isoformat()
        state = {
            "archived": self.archived,
            "locked": False,
            "archive_timestamp": now,
            "create_timestamp": now,
        }
        counts = {
            "message_count": len(self.messages),
            "member_count": 1,
            "total_message_sent": len(self.messages),
        }
        state |= {"auto_archive_duration": self.archive_after}
        return shown | counts | {"owner_id": str(self.guild.me.id), "thread_metadata": state}


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said from `at` (monotonic seconds) on."""

    at: float
    content: str
    embeds: list[JSON]
    components: list[JSON]
    pings: Pings


@dataclass(eq=False)
class Attachment:
    """A file with its bytes, and where to fetch them."""

    url: str
    name: str
    data: bytes
    description: str | None = None
    id: int = field(default_factory=snowflake)

    def payload(self) -> JSON:
        """The attachment object."""
        kind = mimetypes.guess_type(self.name)[0]
        shown = {"id": str(self.id), "filename": self.name, "size": len(self.data), "content_type": kind}
        return shown | {"url": self.url, "proxy_url": self.url, "description": self.description}


@dataclass(eq=False)
class Message:
    """One message with its whole history."""

    channel: Channel
    author: User
    body: JSON
    reply_to: Message | None = None
    interaction: Interaction | None = None
    flags: int = 0
    kind: int = 0
    id: int = field(default_factory=snowflake)
    history: list[Version] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    reactions: dict[str, set[int]] = field(default_factory=dict)
    thread: Channel | None = None
    deleted_at: float | None = None

    @property
    def content(self) -> str:
        """The text as it stands now."""
        return self.history[-1].content

    @property
    def embeds(self) -> list[JSON]:
        """The embeds as they stand now."""
        return self.history[-1].embeds

    @property
    def components(self) -> list[JSON]:
        """The component tree as it stands now."""
        return self.history[-1].components

    @property
    def pings(self) -> Pings:
        """Everyone any version would have notified; an ephemeral message notifies nobody."""
        found = Pings()
        for version in self.history:
            found |= version.pings
        return Pings() if self.flags & EPHEMERAL else found

    @property
    def loading(self) -> bool:
        """Whether people still see "thinking…" where the answer should be."""
        return bool(self.flags & LOADING)

    def write(self, body: JSON, files: Mapping[int, tuple[str, bytes]]) -> None:
        """Take a create or edit body: fields left out stay as they are. Refuses what Discord refuses."""
        if errors := form_errors(body, self.flags):
            raise Refused(invalid_form(errors))
        old = self.history[-1] if self.history else Version(0, "", [], [], Pings())
        taken = {
            key: body.get(key) or type(getattr(old, key))()
            for key in ("content", "embeds", "components")
            if key in body
        }
        new = {key: taken.get(key, getattr(old, key)) for key in ("content", "embeds", "components")}
        kept = self.files
        described: dict[int, JSON] = {}
        if body.get("attachments") is not None:
            described = {int(entry["id"]): entry for entry in body["attachments"]}
            kept = [file for file in self.files if file.id in described]
        added = []
        for index, (name, data) in files.items():
            entry = described.get(index, {})
            url = f"{self.channel.server.base_url}/attachments/{self.channel.id}/{self.id}/{name}"
            added.append(Attachment(url, entry.get("filename") or name, data, entry.get("description")))
        deferred = not self.history and self.loading
        if not (any(new.values()) or kept or added or body.get("poll") or deferred):
            raise Refused(EMPTY_MESSAGE)
        if self.history:
            self.flags &= ~LOADING
        self.files = kept + added
        self.flags |= (body.get("flags") or 0) & (V2_FLAG | 1 << 2)
        replied_to = self.reply_to.author.id if self.reply_to and not self.history else None
        self.history.append(Version(time.monotonic(), **new, pings=pings(body, replied_to)))

    def payload(self, *, everything: bool = True) -> JSON:
        """The message object; without `everything`, as a bot sees it that may not read it."""
        now, mentioned = self.history[-1], self.history[-1].pings
        server, guild = self.channel.server, self.channel.guild
        users = [user.payload() for user in server.users.values() if user.id in mentioned.users]
        readable = everything or guild is None or self.author is server.bot or server.bot.id in mentioned.users
        edited = datetime.fromtimestamp(time.time() - time.monotonic() + now.at, UTC).isoformat()
        shown: JSON = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self.kind,
            "author": self.author.payload(),
            "timestamp": datetime.fromtimestamp((self.id >> 22) / 1000 + 1420070400, UTC).isoformat(),
            "edited_timestamp": edited if len(self.history) > 1 else None,
            "content": now.content if readable else "",
            "embeds": [{"type": "rich"} | embed for embed in now.embeds] if readable else [],
            "components": now.components if readable else [],
            "attachments": [file.payload() for file in self.files] if readable else [],
            "mentions": users,
            "mention_roles": [str(role) for role in mentioned.roles],
            "mention_everyone": mentioned.everyone,
            "flags": self.flags,
            "tts": False,
            "pinned": False,
        }
        if self.body.get("nonce") is not None:
            shown["nonce"] = self.body["nonce"]
        if self.reactions:
            me = server.bot.id
            shown["reactions"] = [
                {"emoji": {"id": None, "name": emoji}, "count": len(who), "me": me in who, "me_burst": False}
                | {"count_details": {"burst": 0, "normal": len(who)}, "burst_colors": []}
                for emoji, who in self.reactions.items()
            ]
        if self.thread:
            shown["thread"] = self.thread.payload()
        if self.interaction:
            shown |= {"application_id": str(server.bot.id), "webhook_id": str(server.bot.id)}
            shown["interaction_metadata"] = self.interaction.metadata()
        if self.reply_to:
            there = self.reply_to.channel
            place = {"guild_id": str(there.guild.id)} if there.guild else {}
            shown["message_reference"] = place | {
                "type": 0,
                "channel_id": str(there.id),
                "message_id": str(self.reply_to.id),
            }
            gone = self.reply_to.deleted_at is not None
            shown["referenced_message"] = None if gone else self.reply_to.payload(everything=everything)
            if not gone:
                shown["referenced_message"].pop("referenced_message", None)
        return shown


@dataclass(eq=False)
class Interaction:
    """A use of a command, button or form, and what the bot made of it."""

    member: Member
    channel: Channel
    kind: int
    data: JSON
    message: Message | None = None
    id: int = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    created_at: float = field(default_factory=time.monotonic)
    acknowledged_at: float | None = None
    callback: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[JSON] | None = None
    modal: JSON | None = None
    failure: str | None = None

    def metadata(self) -> JSON:
        """What messages made by this interaction say about it."""
        owners = {"0": str(self.channel.guild.id if self.channel.guild else 0)}
        shown = {"id": str(self.id), "type": self.kind, "user": self.member.user.payload()}
        return shown | {"authorizing_integration_owners": owners, "name": self.data.get("name", "")}

    def payload(self) -> JSON:
        """The event INTERACTION_CREATE."""
        guild, server = self.channel.guild, self.channel.server
        place = self.channel.payload() | {"permissions": str(self.member.permissions)}
        shown = self.metadata() | {"application_id": str(server.bot.id), "token": self.token, "version": 1}
        shown |= {"data": self.data, "channel": place, "channel_id": str(self.channel.id), "locale": "en-US"}
        shown |= {"entitlements": [], "attachment_size_limit": 10485760, "context": 0 if guild else 1}
        shown["app_permissions"] = str(guild.me.permissions if guild else EVERYDAY)
        if self.message:
            shown["message"] = self.message.payload()
        if guild is None:
            return shown
        del shown["user"]
        shown |= {"guild_id": str(guild.id), "guild_locale": "en-US", "member": self.member.payload()}
        return shown | {"guild": {"id": str(guild.id), "locale": "en-US", "features": []}}
