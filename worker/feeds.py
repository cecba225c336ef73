"""The feed list: YAML and OPML in and out. Pure but for reading the one file that is named."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree as Tree

import yaml

from worker import opml
from worker.errors import FeedListError, Refuse
from worker.models import Feed, Reason
from worker.urls import clean_url, feed_id

MAX_FILE_BYTES = 32 << 20
MAX_TEXT_CHARS = 200
MAX_ATTRIBUTES, MAX_NAME_CHARS, MAX_VALUE_CHARS = 20, 200, 2000
"""Of an outline, beyond what is understood."""

KEYS = ("url", "title", "language", "folder")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UNPRINTABLE_BUT_SPACE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def load(path: Path | str) -> list[Feed]:
    """All feeds of a list in its order, `origin` being `file`. YAML or OPML, told apart by the content.

    YAML: a mapping with `feeds`, each a URL or a mapping with `url` and, if wanted, `title`, `language`, `folder`.
    OPML: any nesting; the outlines around a feed are its folder, `a/b`; feeds listed again are dropped; attributes
    that mean nothing here are kept for the next export (`Feed.outline`).
    Raises FeedListError, one line with file and place, for anything that is wrong; nothing is left out silently.
    """
    found: dict[str, Feed] = {}
    for feed in read(path):
        found.setdefault(feed.id, feed)
    return list(found.values())


def read(path: Path | str) -> Iterator[Feed]:
    """As `load`, one by one while the file is read, and a feed that is listed again comes again.

    OPML is never held whole. What is wrong further down is raised when it is reached.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.peek(64)[:64] if isinstance(file, io.BufferedReader) else b""
            if head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<":
                yield from _opml_feeds(file, path)
                return
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise FeedListError(f"{path}: {error.strerror or 'cannot be read'}") from None
    if len(data) > MAX_FILE_BYTES:
        raise FeedListError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MB")
    if path.suffix.lower() in (".opml", ".xml"):
        raise FeedListError(f"{path}: not OPML")
    yield from _from_yaml(data, path)


def dump_yaml(feeds: Iterable[Feed]) -> str:
    """What `load` reads; a feed of which only the URL is known is a plain string."""
    items: list[str | dict[str, str]] = []
    for feed in feeds:
        described = {"title": feed.title, "language": feed.language, "folder": feed.folder}
        item = {"url": feed.url} | {key: value for key, text in described.items() if (value := _plain(text))}
        items.append(feed.url if len(item) == 1 else item)
    return yaml.safe_dump({"feeds": items}, allow_unicode=True, sort_keys=False, width=1000)


def dump_opml(feeds: Iterable[Feed], title: str = "Feedmill") -> str:
    """OPML 2.0 as feed readers want it: one outline per folder, nested at `/`, feeds without a folder first."""
    root = Tree.Element("opml", version="2.0")
    Tree.SubElement(Tree.SubElement(root, "head"), "title").text = _plain(title)
    body = Tree.SubElement(root, "body")
    folders: dict[tuple[str, ...], Tree.Element] = {(): body}
    ordered = sorted(feeds, key=lambda feed: bool(feed.folder))
    for feed in ordered:
        attributes = {"type": "rss", "text": _plain(feed.title) or feed.url, "xmlUrl": feed.url}
        if feed.title:
            attributes["title"] = _plain(feed.title)
        if feed.language:
            attributes["language"] = _plain(feed.language)
        attributes |= dict(feed.outline)
        Tree.SubElement(_folder(folders, _folder_path(feed.folder)), "outline", attributes)
    Tree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Tree.tostring(root, encoding="unicode") + "\n"


def _from_yaml(data: bytes, path: Path) -> list[Feed]:
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise FeedListError(f"{path}: not UTF-8 text") from None
    except RecursionError:
        raise FeedListError(f"{path}: nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FeedListError(f"{path}, line {mark.line + 1 if mark else 1}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise FeedListError(f"{path}: not YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(root, yaml.MappingNode):
        raise FeedListError(f"{path}: a feed list is a mapping with the key `feeds`")
    listed = _pairs(root, ("feeds",), path).get("feeds")
    if listed is None:
        raise FeedListError(f"{path}: the key `feeds` is missing")
    if isinstance(listed, yaml.ScalarNode) and listed.tag == "tag:yaml.org,2002:null":
        return []
    if not isinstance(listed, yaml.SequenceNode):
        raise FeedListError(f"{_at(listed, path)}: `feeds` must be a list")
    found: dict[str, tuple[Feed, int]] = {}
    for node in listed.value:
        feed = _yaml_feed(node, path)
        line = node.start_mark.line + 1
        if feed.id in found:
            raise FeedListError(f"{path}, line {line}: {feed.url} stands already in line {found[feed.id][1]}")
        found[feed.id] = (feed, line)
    return [feed for feed, _ in found.values()]


def _yaml_feed(node: yaml.Node, path: Path) -> Feed:
    where = _at(node, path)
    if isinstance(node, yaml.ScalarNode):
        return _feed(node.value, where)
    if not isinstance(node, yaml.MappingNode):
        raise FeedListError(f"{where}: a feed is a URL or a mapping with the keys {', '.join(KEYS)}")
    values: dict[str, str] = {}
    for key, value in _pairs(node, KEYS, path).items():
        if not isinstance(value, yaml.ScalarNode):
            raise FeedListError(f"{_at(value, path)}: `{key}` must be text")
        # The text as written: YAML would read `no`, the code of Norwegian, as false.
        values[key] = "" if value.tag == "tag:yaml.org,2002:null" else value.value
    if not values.get("url"):
        raise FeedListError(f"{where}: the feed has no `url`")
    language = values.get("language", "")
    if language and not _LANGUAGE.fullmatch(language):
        raise FeedListError(f"{where}: {language!r} is no language code such as de or en-GB")
    return _feed(values["url"], where, values.get("title", ""), language, values.get("folder", ""))


def _pairs(node: yaml.MappingNode, known: tuple[str, ...], path: Path) -> dict[str, yaml.Node]:
    pairs: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if name not in known:
            raise FeedListError(f"{_at(key, path)}: unknown key {name!r:.60}; known: {', '.join(known)}")
        if name in pairs:
            raise FeedListError(f"{_at(key, path)}: `{name}` stands twice")
        pairs[name] = value
    return pairs


def _at(node: yaml.Node, path: Path) -> str:
    return f"{path}, line {node.start_mark.line + 1}"


def _opml_feeds(file: BinaryIO, path: Path) -> Iterator[Feed]:
    for outline in opml.outlines(file, str(path)):
        attributes = {name.lower(): value for name, value in outline.attributes}
        text = _plain(attributes.get("text", ""))
        where = f"{path}, line {outline.line}, outline {outline.number} ({text[:40] or 'no text'})"
        title, language = _title(attributes), attributes.get("language", "").strip()
        language = language if _LANGUAGE.fullmatch(language) else ""
        feed = _feed(outline.url, where, title, language, "/".join(outline.folder))
        yield replace(feed, outline=_rest(outline.attributes, feed))


def _title(attributes: dict[str, str]) -> str:
    """OPML demands a text, so writers without a name put the URL there: that is none."""
    names = (attributes.get("text", "").strip(), attributes.get("title", "").strip())
    return next((name for name in names if name and name != attributes["xmlurl"].strip()), "")


def _rest(attributes: tuple[tuple[str, str], ...], feed: Feed) -> tuple[tuple[str, str], ...]:
    """What the feed's own fields do not say, at most 20 attributes; one that is too long to be meant for us goes."""
    said = {
        "xmlurl": None,
        "text": None,
        "title": {feed.title, feed.url, ""},
        "language": {feed.language},
        "type": {"rss"},
    }
    kept = []
    for name, value in attributes:
        own = said.get(name.lower(), set())
        if own is None or _plain(value) in own:
            continue
        if len(name) <= MAX_NAME_CHARS and len(value) <= MAX_VALUE_CHARS:
            kept.append((name, _UNPRINTABLE_BUT_SPACE.sub(" ", value)))
    return tuple(kept[:MAX_ATTRIBUTES])


def _feed(url: str, where: str, title: str = "", language: str = "", folder: str = "") -> Feed:
    try:
        cleaned = clean_url(url)
    except Refuse as refused:
        why = refused.detail or refused.reason.value.replace("_", " ")
        if refused.reason is Reason.URL_INVALID and ":" not in url:
            why = "http:// or https:// is missing"
        raise FeedListError(f"{where}: {_plain(url)!r} is no http(s) URL that can be polled ({why})") from None
    if "@" in url.partition("://")[2].split("/")[0].split("?")[0]:
        raise FeedListError(f"{where}: user names and passwords in a URL are not supported")
    return Feed(feed_id(cleaned), cleaned, _plain(title), language, "/".join(_folder_path(_plain(folder))), "file")


def _plain(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text[: 10 * MAX_TEXT_CHARS]).split())[:MAX_TEXT_CHARS]


def _folder_path(folder: str) -> tuple[str, ...]:
    return tuple(name for part in folder.split("/") if (name := _plain(part)))


def _folder(folders: dict[tuple[str, ...], Tree.Element], path: tuple[str, ...]) -> Tree.Element:
    if path not in folders:
        folders[path] = Tree.SubElement(_folder(folders, path[:-1]), "outline", {"text": path[-1]})
    return folders[path]
