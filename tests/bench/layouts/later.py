"""Parts written after the extractor had been made to read the others: what it did on them at first is a test."""

from __future__ import annotations

import re

from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import Skin
from tests.bench.layouts.words import Part, link, say


def ranked_teasers(skin: Skin, prose: Prose) -> Part:
    """Numbered, the most read first."""
    html, drop = "<h2>Top 5</h2>", []
    for number in range(5):
        title = prose.headline()
        html += (
            f'<div><span>{number + 1}</span><div><span>Region</span><a href="/{number}.html">{title}</a></div></div>'
        )
        drop.append(title)
    return Part(skin.box("popular", html), drop=drop, place="behind")


def table_teasers(skin: Skin, prose: Prose) -> Part:
    html, drop = "", []
    for number in range(4):
        title, text = prose.headline(), prose.sentence()
        html += f"<tr><td><img src={number}.jpg></td><td><b>{link(title, f'/{number}')}</b><br>{text}</td></tr>"
        drop += [title, text]
    return Part(f"<table>{html}</table>", drop=drop, place="below")


def two_columns(skin: Skin, prose: Prose) -> Part:
    """Two teasers side by side in the middle of the text."""
    html, drop = "", []
    for number in range(2):
        title, text = prose.headline(), prose.sentence()
        html += f'<div><a href="/{number}"><img src=x></a><div><a href="/{number}">{title}</a><p>{text}</p></div></div>'
        drop += [title, text]
    return Part(skin.box("recommend", f"<div>{html}</div>"), drop=drop)


def linked_line_list(skin: Skin, prose: Prose) -> Part:
    titles = [prose.headline() for _ in range(3)]
    html = "<br>".join(f"» {link(title)}" for title in titles)
    return Part(skin.p(html), drop=titles)


def video_line(skin: Skin, prose: Prose) -> Part:
    title = prose.headline()
    html = f'<div><div data-video="1"></div><div>Video: {title}</div><div>02:13</div></div>'
    return Part(skin.box("video", html), drop=["02:13"])


def map_note(skin: Skin, prose: Prose) -> Part:
    text = prose.sentence(clause=False)
    return Part(f"<figure><iframe src=map></iframe><figcaption>{text}</figcaption></figure>", drop=[text])


def comment_table(skin: Skin, prose: Prose) -> Part:
    label, html, drop = say(prose, "comments", 3), "", []
    for number in range(3):
        said = prose.paragraph(2)
        html += f"<tr><td>{prose.name()}<br>1{number}.07.2025 08:1{number}</td><td>{said}</td></tr>"
        drop.append(said)
    return Part(f"<div><b>{label}</b><table>{html}</table></div>", drop=drop, place="below")


def forum_quote(skin: Skin, prose: Prose) -> Part:
    said, answer = prose.sentence(), prose.sentence()
    reply = f"<a href=#r>{say(prose, 'reply')}</a>"
    html = f"<div><h4>{prose.name()}</h4><blockquote><p>{said}</p></blockquote><p>{answer}</p>{reply}</div>"
    said_2 = prose.paragraph(2)
    html += f"<div><h4>{prose.name()}</h4><p>{said_2}</p>{reply}</div>"
    return Part(skin.box("talk", html), drop=[answer, said_2], place="below")


def event_teasers(skin: Skin, prose: Prose) -> Part:
    html, drop = "<h3>Agenda</h3>", []
    for number in range(4):
        title = prose.headline()
        html += f"<div><time>1{number}.07.</time> {link(title, f'/agenda/{number}')} <span>{prose.name()}</span></div>"
        drop.append(title)
    return Part(skin.box("agenda", html), drop=drop, place="below")


def step_list(skin: Skin, prose: Prose) -> Part:
    html, keep = "", []
    for number in range(4):
        text = prose.paragraph(2)
        html += f"<div><div>{number + 1}</div><div><p>{text}</p></div></div>"
        keep.append(text)
    return Part(html, keep)


def poem(skin: Skin, prose: Prose) -> Part:
    lines = [prose.sentence(clause=False) for _ in range(4)]
    return Part(f"<p>{'<br>'.join(lines)}</p>", lines)


def answers_without_bold(skin: Skin, prose: Prose) -> Part:
    html, keep = "", []
    for _ in range(4):
        asked, answer = f"{prose.headline()}?", prose.sentence(clause=False)
        html += f"<div><em>{asked}</em></div><div>{answer}.</div>"
        keep += [asked, answer]
    return Part(html, keep)


def results(skin: Skin, prose: Prose) -> Part:
    lines = [f"{prose.name()} - {prose.name()} {number}:{number + 1}" for number in range(5)]
    return Part("".join(f"<div>{line}</div>" for line in lines), lines)


def letter(skin: Skin, prose: Prose) -> Part:
    text, who = prose.paragraph(), f"{prose.name()}, {prose.name().split()[1]}"
    return Part(skin.p(text) + skin.p(f"<i>{who}</i>"), [text], place="behind")


def linked_names(skin: Skin, prose: Prose) -> Part:
    """A paragraph in which every name is linked to a page of the site."""
    text = " ".join(f"{link(prose.name(), f'/thema/{number}')} {prose.sentence()}" for number in range(3))
    return Part(skin.p(text), [re.sub(r"<[^>]+>", "", text)])


def first_person_box(skin: Skin, prose: Prose) -> Part:
    text = [prose.paragraph(2) for _ in range(2)]
    html = f"<h3>{prose.name()}</h3>" + "".join(f"<p>{item}</p>" for item in text)
    return Part(f"<div><div><div>{html}</div></div></div>", text)


LATER = {
    "ranked_teasers": ranked_teasers, "table_teasers": table_teasers, "two_columns": two_columns,
    "linked_line_list": linked_line_list, "video_line": video_line, "map_note": map_note,
    "comment_table": comment_table, "forum_quote": forum_quote, "event_teasers": event_teasers, "steps": step_list,
    "poem": poem, "plain_answers": answers_without_bold, "results": results, "letter": letter,
    "linked_names": linked_names, "first_person_box": first_person_box,
}  # fmt: skip
