"""The people of the loopback Discord: what a test holds in its hands.

ada = server.member("Ada", guild)
question = await ada.say(channel, "Who won?", mentions=[server.bot])
asked = await ada.slash(channel, "ask", question="Who won?", private=True)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from .discord_faults import JSON
from .discord_spec import components, invocation
from .discord_world import EPHEMERAL, EVERYDAY, MANAGE_GUILD, Channel, Guild, Interaction, Message, Role, User

if TYPE_CHECKING:
    from .discord_server import DiscordServer

# A test that plays people holds their places and messages too, so these come from here as well.
__all__ = ["MANAGE_GUILD", "Channel", "Guild", "Interaction", "Member", "Message", "Role", "User"]


@dataclass(eq=False)
class Member:
    """A person as a test plays them: in a server, or with no server, in DMs only."""

    server: DiscordServer
    user: User
    guild: Guild | None = None
    roles: list[Role] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The account's id."""
        return self.user.id

    @property
    def permissions(self) -> int:
        """What the roles allow; owners may do everything."""
        if self.guild and self.user is self.guild.owner.user:
            return (1 << 53) - 1
        everyone = self.guild.roles[0].permissions if self.guild else EVERYDAY
        return reduce(or_, (role.permissions for role in self.roles), everyone)

    def payload(self) -> JSON:
        """The member object."""
        shown = {
            "user": self.user.payload(),
            "roles": [str(role.id) for role in self.roles],
            "flags": 0,
            "nick": None,
        }
        shown |= {
            "joined_at": datetime.now(UTC).isoformat(),
            "permissions": str(self.permissions),
            "avatar": None,
        }
        return shown | {"deaf": False, "mute": False, "pending": False, "communication_disabled_until": None}

    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        mentions: Sequence[User | Member] = (),
        reply_to: Message | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Post a message; mentions the text does not spell out are put in front, as people do."""
        told = [f"<@{who.id}>" for who in mentions if f"<@{who.id}>" not in text]
        body: JSON = {"content": " ".join([*told, text])}
        if reply_to and not ping:
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        message = Message(channel, self.user, body, reply_to, kind=19 if reply_to else 0)
        message.write(body, dict(enumerate((files or {}).items())))
        self.server.publish(message)
        return message

    async def dm(
        self, text: str, *, reply_to: Message | None = None, files: Mapping[str, bytes] | None = None
    ) -> Message:
        """Write to the bot in private."""
        return await self.say(self.server.dm(self.user), text, reply_to=reply_to, files=files)

    async def slash(self, where: Channel | Guild, command: str, /, **options: Any) -> Interaction:
        """Use a slash command; subcommands after a space. Fails when no such command can be used there."""
        return self._use(2, where, command, options)

    async def menu(self, target: Message | Member, command: str, where: Channel | None = None) -> Interaction:
        """Use a context menu command on a message, or on a person."""
        if isinstance(target, Message):
            resolved: JSON = {"messages": {str(target.id): target.payload()}}
            return self._use(2, target.channel, command, {}, 3, {"target_id": str(target.id), "resolved": resolved})
        assert where, "a person is clicked on in some channel"
        resolved = {
            "users": {str(target.id): target.user.payload()},
            "members": {str(target.id): target.payload()},
        }
        return self._use(2, where, command, {}, 2, {"target_id": str(target.id), "resolved": resolved})

    async def autocomplete(self, where: Channel | Guild, command: str, focused: str, /, **options: Any) -> list[JSON]:
        """Type into an option and wait for the suggestions."""
        asked = self._use(4, where, command, {focused: "", **options}, focused=focused)
        await self.server.wait_for(
            lambda: asked.choices is not None or asked.failure, 3.5, f"suggestions for {focused}"
        )
        return asked.choices or []

    async def click(self, message: Message, what: str, values: Sequence[str] = ()) -> Interaction:
        """Press the button, or choose in the menu, that has this custom id or label."""
        usable = [node for node in components(message.components) if node.get("custom_id")]
        found = [node for node in usable if what in (node["custom_id"], node.get("label"), node.get("placeholder"))]
        assert found, f"nothing called {what!r} to click; there is {[n.get('label') or n['custom_id'] for n in usable]}"
        assert not found[0].get("disabled"), f"{what!r} is disabled"
        mine = message.interaction is None or message.interaction.member.user is self.user
        assert mine or not message.flags & EPHEMERAL, "an ephemeral message is not shown to others"
        data = {
            "custom_id": found[0]["custom_id"],
            "component_type": found[0]["type"],
            "id": found[0].get("id", 0),
        }
        if found[0]["type"] != 2:
            data["values"] = list(values)
        return self.server.interact(Interaction(self, message.channel, 3, data, message))

    async def submit(self, opened: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Fill in the form the bot answered `opened` with: custom id → text, choices or {name: bytes}."""
        assert opened.modal, "the bot opened no form"
        resolved: JSON = {}
        inputs = [node for node in components(opened.modal["components"]) if node.get("custom_id")]
        assert set(values) <= {node["custom_id"] for node in inputs}, f"the form has only {inputs}"
        filled = [self._fill(node, values, resolved) for node in opened.modal["components"] if node["type"] != 10]
        data: JSON = {"custom_id": opened.modal["custom_id"], "components": filled, "resolved": resolved}
        return self.server.interact(Interaction(self, opened.channel, 5, data, opened.message))

    def _fill(self, node: JSON, values: Mapping[str, Any], resolved: JSON) -> JSON:
        shown = {"type": node["type"], "id": node.get("id", 0)}
        if node.get("components"):
            return shown | {"components": [self._fill(inner, values, resolved) for inner in node["components"]]}
        if node.get("component"):
            return shown | {"component": self._fill(node["component"], values, resolved)}
        value = values.get(node["custom_id"], "" if node["type"] == 4 else [])
        if isinstance(value, Mapping):
            value = [self._plain((name, data), resolved) for name, data in value.items()]
        return shown | {
            "custom_id": node["custom_id"],
            "values" if isinstance(value, list) else "value": value,
        }

    def _use(
        self,
        kind: int,
        where: Channel | Guild,
        command: str,
        options: Mapping[str, Any],
        command_type: int = 1,
        extra: JSON | None = None,
        focused: str | None = None,
    ) -> Interaction:
        channel = next(iter(where.channels.values())) if isinstance(where, Guild) else where
        resolved: JSON = {}
        plain = {name: self._plain(value, resolved) for name, value in options.items()}
        known = self.server.commands_in(channel.guild)
        data = invocation(known, command, plain, command_type, focused) | (extra or {})
        if resolved and kind == 2:
            data["resolved"] = resolved
        if channel.guild and data.pop("guild_id", None):
            data["guild_id"] = str(channel.guild.id)
        return self.server.interact(Interaction(self, channel, kind, data))

    def _plain(self, value: Any, resolved: JSON) -> Any:
        """An option's value as Discord sends it: objects become ids, and are described under `resolved`."""
        match value:
            case Member():
                resolved.setdefault("members", {})[str(value.id)] = value.payload()
                resolved.setdefault("users", {})[str(value.id)] = value.user.payload()
            case User():
                resolved.setdefault("users", {})[str(value.id)] = value.payload()
            case Role():
                resolved.setdefault("roles", {})[str(value.id)] = value.payload()
            case Channel():
                place = value.payload() | {"permissions": str(self.permissions)}
                resolved.setdefault("channels", {})[str(value.id)] = place
            case (str() as name, bytes() as data):
                file = self.server.upload(name, data)
                resolved.setdefault("attachments", {})[str(file.id)] = file.payload()
                return str(file.id)
            case _:
                return value
        return str(value.id)
