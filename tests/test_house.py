"""Rules of the house that a reviewer would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest
from discord.app_commands import Command, Group
from discord.ext import commands

from bot.cli import app
from bot.further import IN_DISCORD, IN_TERMINAL
from bot.settings import Settings
from prompts import load
from tests.running import ROOT, SETTINGS

MODULES = sorted(path for folder in ("bot", "retrieval", "prompts") for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward_only(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    forbidden = {"bot": set(), "retrieval": {"bot", "discord", "typer", "rich"}, "prompts": {"bot", "retrieval"}}[floor]
    assert not imported(path) & forbidden


def test_imports_between_the_folders_of_answers_run_one_way() -> None:
    answers = ROOT / "retrieval" / "answers"
    needs: dict[str, set[str]] = {}
    for path in answers.glob("*/*.py"):
        used = re.findall(r"^\s*from retrieval\.answers\.(\w+)\.", path.read_text(), re.MULTILINE)
        needs.setdefault(path.parent.name, set()).update(used)
    assert len(needs) > 1
    # Raises CycleError, which names the folders.
    TopologicalSorter({folder: used - {folder} for folder, used in needs.items()}).prepare()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_noun_and_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_the_bot_in_discord_imports_neither_the_terminal_nor_what_only_a_model_needs() -> None:
    looked = "import sys, bot.client; print([one for one in ('readline', 'rich', 'langsmith') if one in sys.modules])"
    found = subprocess.run([sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_example_env_lists_exactly_the_settings_with_their_defaults() -> None:
    listed = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(listed) == {name.upper() for name in Settings.model_fields} == set(SETTINGS)
    defaults = Settings(_env_file=None)
    for name, value in listed.items():
        if value:
            default = getattr(defaults, name.lower())
            assert str(default).lower().removesuffix(".0") == value.lower(), name


def test_the_readme_explains_every_setting_and_command() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in SETTINGS:
        assert f"`{name}`" in readme, name
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"footnote {name}" in readme, name


def test_the_help_names_only_commands_that_exist() -> None:
    cogs = [
        cog
        for path in (ROOT / "bot" / "cogs").glob("*.py")
        for cog in vars(import_module(f"bot.cogs.{path.stem}")).values()
        if isinstance(cog, type) and issubclass(cog, commands.Cog) and cog is not commands.Cog
    ]
    slash = {command.qualified_name for cog in cogs for one in cog.__cog_app_commands__ for command in _all(one)}
    named = set(re.findall(r"`/([\w ]+)`", " ".join(IN_DISCORD["help"] + IN_DISCORD["articles"])))
    assert {"articles list", "ingest url", "summarize", "digest on"} <= named <= slash
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    typed = re.findall(r"`footnote (\w+)(?: ([a-z]+))?", " ".join(IN_TERMINAL["help"] + IN_TERMINAL["articles"]))
    assert ("articles", "list") in typed
    for first, second in typed:
        within = groups.get(first, app).registered_commands
        assert (second if first in groups else first) in {
            command.name or command.callback.__name__ for command in within if command.callback
        }


def _all(command: object) -> list[Command | Group]:
    return [command, *command.walk_commands()] if isinstance(command, Group) else [cast("Command", command)]


def test_prompts_show_the_model_no_comments() -> None:
    for path in (ROOT / "prompts").glob("*.md"):
        messages = load(path.stem).messages
        text = "".join(message.prompt.template for message in messages)
        assert "<!--" not in text
        assert len(messages) == 2
