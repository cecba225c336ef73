"""The documents say what the program does: generated files are up to date, docs/cli.md has every command and option."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from worker import settings
from worker.cli.main import cli
from worker.cli.reference import rows, settings_markdown, settings_toml
from worker.models import Kind

ROOT = Path(__file__).parents[2]
CLI = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
PAGES = [
    path
    for pattern in ("*.md", "docs/**/*.md", "deploy/*.md", "docker-compose.yml", "worker/cli/*.py")
    for path in sorted(ROOT.glob(pattern))
]


TEXTS = [page for page in PAGES if page.suffix == ".md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FOLDERS = ("config", "deploy", "docs", "tests", "worker")
PATH = re.compile(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./-]*\w")


def commands(group: click.Group = cli, path: str = "feedmill") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands())


def usage(path: str) -> str:
    """The line that shows how the command is called: its heading, or its row in a table."""
    found = re.search(rf"^(?:### |\| )`{re.escape(path)}(?![\w-])[^`]*`", CLI, re.M)
    assert found, f"docs/cli.md does not document `{path}`"
    return found[0]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_every_option_is_documented(path: str) -> None:
    text = usage(path)
    options = {option for each in COMMANDS[path].params if isinstance(each, click.Option) for option in each.opts}
    if path.startswith("feedmill feeds "):
        assert "All take `--data DIR`." in CLI
        options.discard("--data")
    assert options <= set(re.findall(r"--[a-z-]+", text)), f"{path} has options that its usage line does not show"
    assert set(re.findall(r"--[a-z-]+", text)) <= options, f"{path} does not have all the options that are shown"


def test_nothing_is_documented_that_does_not_exist() -> None:
    for heading in re.findall(r"^### `(feedmill [^`]*)`", CLI, re.M):
        words = heading.split()
        assert " ".join(words[:2]) in COMMANDS or " ".join(words[:3]) in COMMANDS or words[1] in cli.commands, heading


@pytest.mark.parametrize("path", COMMANDS)
def test_help_is_written_for_people(path: str) -> None:
    command = COMMANDS[path]
    assert command.help, path
    first = command.help.strip().splitlines()[0]
    assert first[0].isupper()
    assert first.endswith("."), f"{path}: the first line is a whole sentence"
    assert all(option.help for option in command.params if isinstance(option, click.Option)), path


def test_kinds_are_those_of_the_document() -> None:
    assert ", ".join(f"`{kind}`" for kind in Kind) in CLI


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_settings_that_a_page_names_exist(page: Path) -> None:
    named = set(re.findall(r"FEEDMILL_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    known = set(settings.names()) | {"FEEDMILL_COMPLETE"}
    assert sorted(named - known) == []


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_commands_that_a_page_names_exist(page: Path) -> None:
    for call in re.findall(r"`feedmill ((?:[a-z]+)(?: [a-z]+)?)", page.read_text(encoding="utf-8")):
        first, _, second = call.partition(" ")
        command = cli.commands.get(first)
        assert command is not None, f"{page.name}: feedmill {call}"
        if isinstance(command, click.Group) and second:
            assert second in command.commands, f"{page.name}: feedmill {call}"


@pytest.mark.parametrize("page", TEXTS, ids=[str(page.relative_to(ROOT)) for page in TEXTS])
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    for target in targets:
        file, _, anchor = target.partition("#")
        place = page.parent / file if file else page
        assert place.exists(), f"{target} leads nowhere"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{target}: no such heading"


def test_the_first_page_has_links() -> None:
    assert len(LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))) >= 5


@pytest.mark.parametrize("page", TEXTS, ids=[str(page.relative_to(ROOT)) for page in TEXTS])
def test_files_that_a_page_names_exist(page: Path) -> None:
    for span in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
        for path in PATH.findall(span):
            assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_settings_md_is_what_settings_py_says() -> None:
    written = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert written == settings_markdown(), "run `make docs`"


def test_feedmill_toml_is_what_settings_py_says() -> None:
    written = (ROOT / "config/feedmill.toml").read_text(encoding="utf-8")
    assert written == settings_toml(), "run `make docs`"


def test_every_setting_is_in_both() -> None:
    for name in settings.names():
        assert f"`{name}`" in settings_markdown()
    for row in rows():
        assert f"\n#{row.name} = " in settings_toml()
        assert row.description.endswith("."), row.environment


def test_the_toml_holds_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every line switched on it is a valid file, and changes nothing."""
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)
    defaults = settings.load()
    text = re.sub(r"(?m)^#(?=\w+ = )", "", settings_toml())
    assert len(tomllib.loads(text)) > 5
    (tmp_path / "all.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("FEEDMILL_CONFIG", str(tmp_path / "all.toml"))
    assert settings.load() == defaults
