"""Discord's own description of its REST API, and the rules it leaves out.

Mocks accept anything; this is what makes the loopback server refuse what Discord would refuse.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped,unused-ignore]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped,unused-ignore]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

JSON = dict[str, Any]

V2_FLAG = 1 << 15


class SpecChecker:
    """Judges requests by the OpenAPI file at `path` or in `DISCORD_OPENAPI`; without one, finds no fault."""

    def __init__(self, path: str | Path | None = None) -> None:
        found = path or os.environ.get("DISCORD_OPENAPI")
        self._spec = _Spec.load(str(found)) if found else None

    @property
    def active(self) -> bool:
        """Whether there is a file to judge by; tests that need one skip otherwise."""
        return self._spec is not None

    def check(self, method: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
        """Everything wrong with one request, a sentence each; `path` is relative to /api/v10."""
        if self._spec is None:
            return []
        template = self._spec.template(path)
        operation = self._spec.document["paths"].get(template, {}).get(method.lower()) if template else None
        if template is None or operation is None:
            return [f"{method} {path}: Discord has no such operation"]
        found = self._query(template, method, operation, query) + self._body(template, method, operation, body)
        return [f"{method} {path}: {complaint}" for complaint in found]

    def _query(self, template: str, method: str, operation: JSON, query: Mapping[str, str]) -> list[str]:
        assert self._spec
        found = []
        for index, parameter in enumerate(operation.get("parameters", [])):
            name = parameter.get("name")
            if parameter.get("in") != "query":
                continue
            if name not in query:
                if parameter.get("required"):
                    found.append(f"query {name} is missing")
                continue
            pointer = f"{_pointer(template, method)}/parameters/{index}/schema"
            validator = self._spec.validator(pointer)
            if not any(validator.is_valid(value) for value in _readings(query[name])):
                found.append(f"query {name}={query[name]!r} does not fit")
        return found

    def _body(self, template: str, method: str, operation: JSON, body: Any) -> list[str]:
        assert self._spec
        request = operation.get("requestBody")
        if request is None or "application/json" not in request["content"]:
            return []
        if body is None:
            return ["the body is missing"] if request.get("required") else []
        pointer = f"{_pointer(template, method)}/requestBody/content/application~1json/schema"
        return [_sentence(error) for error in self._spec.validator(pointer).iter_errors(body)]


@dataclass(eq=False)
class _Spec:
    document: JSON
    registry: Registry[Any]
    routes: list[tuple[re.Pattern[str], str]]
    validators: dict[str, Draft202012Validator] = field(default_factory=dict)

    @staticmethod
    @cache
    def load(path: str) -> _Spec:
        """Read the file once a process: a suite starts many servers."""
        document = _lenient(json.loads(Path(path).read_text(encoding="utf-8")))
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        routes = []
        # Fixed words win over placeholders: /users/@me is not a user called "@me".
        for template in sorted(document["paths"], key=lambda text: text.count("{")):
            pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template))
            routes.append((re.compile(pattern), template))
        return _Spec(document, Registry().with_resource("urn:discord", resource), routes)

    def template(self, path: str) -> str | None:
        """The path template that a concrete path belongs to."""
        return next((template for pattern, template in self.routes if pattern.fullmatch(path)), None)

    def validator(self, pointer: str) -> Draft202012Validator:
        """A validator for the schema at `pointer`, kept, since building one costs more than using it."""
        if pointer not in self.validators:
            schema = {"$ref": f"urn:discord#{pointer}"}
            self.validators[pointer] = Draft202012Validator(schema, registry=self.registry)
        return self.validators[pointer]


def _lenient(node: Any) -> Any:
    # Discord takes the first member of a union that fits, and reads numbers as snowflakes; the file says
    # "exactly one" and "string". A checker stricter than Discord itself would accuse correct bots.
    if isinstance(node, list):
        return [_lenient(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {("anyOf" if key == "oneOf" else key): _lenient(value) for key, value in node.items()}
    if changed.get("format") == "snowflake" and changed.get("type") == "string":
        changed["type"] = ["string", "integer"]
    return changed


def _pointer(template: str, method: str) -> str:
    escaped = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    return f"/paths/{escaped}/{method.lower()}"


def _readings(text: str) -> Iterator[Any]:
    """A query value has no type: it may be meant as text, number or truth."""
    yield text
    if re.fullmatch(r"-?\d+", text):
        yield int(text)
    if text.lower() in ("true", "false", "1", "0"):
        yield text.lower() in ("true", "1")


def _sentence(error: ValidationError) -> str:
    """The one line that helps: for a union, what is wrong with the member that was meant."""
    while error.context:
        members: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            members.setdefault(inner.schema_path[0], []).append(inner)

        def distance(errors: list[ValidationError]) -> tuple[bool, int]:
            meant = not any(list(e.path)[-1:] == ["type"] or (e.validator == "type" and not e.path) for e in errors)
            return not meant, len(errors)

        error = min(members.values(), key=distance)[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    rule = f"{error.validator} {_short(error.validator_value)}"
    return f"body{where} = {_short(error.instance)} breaks {rule}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def form_errors(body: Mapping[str, Any], flags: int = 0) -> dict[str, str]:
    """Rules for a message body that the file does not state: field → complaint. `flags` as already set."""
    errors: dict[str, str] = {}
    if len(body.get("content") or "") > 2000:
        errors["content"] = "Must be 2000 or fewer in length."
    embeds = body.get("embeds") or []
    if sum(_embed_size(embed) for embed in embeds) > 6000:
        errors["embeds"] = "Embed size exceeds maximum size of 6000"
    for number, embed in enumerate(embeds):
        if not any(
            embed.get(key) for key in ("title", "description", "fields", "image", "thumbnail", "author", "footer")
        ):
            errors[f"embeds.{number}.description"] = "This field is required"
    nodes = list(components(body.get("components") or []))
    if (flags | (body.get("flags") or 0)) & V2_FLAG:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(key):
                errors[key] = "The 'content' and 'embeds' fields cannot be used with MessageFlags.IS_COMPONENTS_V2"
        if len(nodes) > 40:
            errors["components"] = "Must be 40 or fewer in total."
        if sum(len(node.get("content") or "") for node in nodes if node.get("type") == 10) > 4000:
            errors["components"] = "The text may be 4000 characters in total."
    elif len(body.get("components") or []) > 5:
        errors["components"] = "Must be between 1 and 5 in length."
    used = [node["custom_id"] for node in nodes if node.get("custom_id")]
    if len(used) != len(set(used)):
        errors["components"] = "Component custom id cannot be duplicated"
    mentions = body.get("allowed_mentions") or {}
    for key in ("users", "roles"):
        if mentions.get(key) and key in (mentions.get("parse") or []):
            errors["allowed_mentions"] = f'"parse:["{key}"]" and "{key}: [ids...]" are mutually exclusive.'
    return errors


def _embed_size(embed: Mapping[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for entry in embed.get("fields") or []:
        texts += [entry.get("name"), entry.get("value")]
    return sum(len(text or "") for text in texts)


def components(nodes: list[JSON]) -> Iterator[JSON]:
    """All components in a list, however deep: rows, sections, containers, labels."""
    for node in nodes:
        yield node
        yield from components(node.get("components") or [])
        yield from components([node[key] for key in ("accessory", "component") if node.get(key)])


@dataclass(frozen=True, slots=True)
class Pings:
    """Who is notified by a message."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __or__(self, other: Pings) -> Pings:
        return Pings(self.users | other.users, self.roles | other.roles, self.everyone or other.everyone)

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


def pings(body: Mapping[str, Any], replied_to: int | None = None) -> Pings:
    """Read a body as Discord does: without allowed_mentions everything in the text pings, replies too.

    It is assumed that the bot may mention everyone, since some server will have given it that right.
    """
    texts = [body.get("content") or ""]
    texts += [node.get("content") or "" for node in components(body.get("components") or []) if node.get("type") == 10]
    # Mentions inside code are shown as text and notify nobody.
    text = re.sub(r"```.*?```|`[^`\n]+`", " ", "\n".join(texts), flags=re.DOTALL)
    users = {int(found) for found in re.findall(r"<@!?(\d+)>", text)}
    roles = {int(found) for found in re.findall(r"<@&(\d+)>", text)}
    everyone = re.search(r"@(everyone|here)\b", text) is not None
    allowed = body.get("allowed_mentions")
    if allowed is None:
        return Pings(frozenset(users | ({replied_to} if replied_to else set())), frozenset(roles), everyone)
    parse = allowed.get("parse") or []
    if "users" not in parse:
        users &= {int(wanted) for wanted in allowed.get("users") or []}
    if "roles" not in parse:
        roles &= {int(wanted) for wanted in allowed.get("roles") or []}
    if replied_to and allowed.get("replied_user"):
        users |= {replied_to}
    return Pings(frozenset(users), frozenset(roles), everyone and "everyone" in parse)


class CommandUnavailable(AssertionError):
    """A test used a command as no person could: it was never registered, or not with these options."""


def invocation(
    known: list[JSON], words: str, values: Mapping[str, Any], kind: int = 1, focused: str | None = None
) -> JSON:
    """The data of a command interaction, built from what the bot registered and checked against it."""
    name, *path = words.split() if kind == 1 else [words]
    command = next((entry for entry in known if (entry["name"], entry["type"]) == (name, kind)), None)
    if command is None:
        there = ", ".join(sorted(entry["name"] for entry in known)) or "none"
        raise CommandUnavailable(f"/{name} is not registered here; registered are: {there}")
    entries: list[JSON] = command.get("options") or []
    chosen = []
    for word in path:
        found = next((entry for entry in entries if entry["name"] == word and entry["type"] in (1, 2)), None)
        if found is None:
            raise CommandUnavailable(f"/{words}: no subcommand {word}; there is {[e['name'] for e in entries]}")
        chosen.append(found)
        entries = found.get("options") or []
    if any(entry["type"] in (1, 2) for entry in entries):
        raise CommandUnavailable(f"/{words} is a group; it has {[e['name'] for e in entries]}")
    offered = {entry["name"]: entry for entry in entries}
    if unknown := set(values) - set(offered):
        raise CommandUnavailable(f"/{words} has no option {sorted(unknown)}; it has {sorted(offered)}")
    missing = [entry["name"] for entry in entries if entry.get("required") and entry["name"] not in values]
    if missing and not focused:
        raise CommandUnavailable(f"/{words} needs {missing}")
    options = [_option(offered[key], value, focused) for key, value in values.items()]
    for entry in reversed(chosen):
        options = [{"name": entry["name"], "type": entry["type"], "options": options}]
    data = {"id": command["id"], "name": name, "type": kind, "options": options}
    return data | ({"guild_id": command["guild_id"]} if command.get("guild_id") else {})


def _option(entry: JSON, value: Any, focused: str | None) -> JSON:
    shown = {"name": entry["name"], "type": entry["type"], "value": value}
    if entry["name"] == focused:
        if not entry.get("autocomplete"):
            raise CommandUnavailable(f"option {focused} has no autocomplete")
        return shown | {"focused": True}
    kinds: dict[int, type | tuple[type, ...]] = {4: int, 5: bool, 10: (int, float)}
    fits = isinstance(value, kinds.get(entry["type"], str)) and (entry["type"] == 5 or not isinstance(value, bool))
    size = len(value) if isinstance(value, str) else value
    low, high = (entry.get(f"{end}_length", entry.get(f"{end}_value")) for end in ("min", "max"))
    fits = fits and (low is None or size >= low) and (high is None or size <= high)
    if entry.get("choices"):
        fits = fits and value in [choice["value"] for choice in entry["choices"]]
    if not fits:
        raise CommandUnavailable(f"Discord does not let people enter {value!r} for option {entry['name']}: {entry}")
    return shown
