"""Parts of the article: all of them must come out."""

from __future__ import annotations

from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import Skin
from tests.bench.layouts.words import Part, kept, link, say


def plain(skin: Skin, prose: Prose) -> Part:
    return Part("")


def heading(skin: Skin, prose: Prose) -> Part:
    text = prose.headline()
    return Part(skin.h(text) + skin.p(first := prose.paragraph()), kept(text, first))


def quote(skin: Skin, prose: Prose) -> Part:
    said = prose.sentence()
    return Part(f"<blockquote>{skin.p(said)}</blockquote>", kept(said))


def pulled_quote(skin: Skin, prose: Prose) -> Part:
    said, who = prose.sentence(), prose.name()
    return Part(skin.box("quote", f"<div><p>«{said}», {link('auf X')}, {who}.</p></div>"), kept(said))


def linked_sentence(skin: Skin, prose: Prose) -> Part:
    one, two = prose.sentence(clause=False).rstrip("."), prose.sentence()
    return Part(f"<div><div><p>{one}, {link('laut einem Papier')}. {two}</p></div></div>", kept(one, two))


def many_links(skin: Skin, prose: Prose) -> Part:
    words = prose.sentence().split()
    at = range(1, len(words), 3)
    html = " ".join(link(word, f"/{place}") if place in at else word for place, word in enumerate(words))
    return Part(skin.p(html), kept(" ".join(words)))


def whole_link_sentence(skin: Skin, prose: Prose) -> Part:
    """A paragraph of running text of which one whole sentence is a link."""
    one, two, three = prose.sentence(), prose.sentence(), prose.sentence()
    return Part(skin.p(f"{one} {link(two)} {three}"), kept(one, two, three))


def facts(skin: Skin, prose: Prose) -> Part:
    one, two = prose.sentence(), prose.sentence()
    return Part(skin.box("facts", f"<h3>{say(prose, 'facts')}</h3><p>{one}</p><p>{two}</p>"), kept(one, two))


def fact_list(skin: Skin, prose: Prose) -> Part:
    items = [prose.sentence(clause=False) for _ in range(4)]
    html = "".join(f"<li>{item}</li>" for item in items)
    return Part(f"<ul>{html}</ul>", items)


def numbered(skin: Skin, prose: Prose) -> Part:
    items = [prose.paragraph(2) for _ in range(4)]
    html = "".join(f"<li><b>{place}</b> {item}</li>" for place, item in enumerate(items))
    return Part(f"<ol>{html}</ol>", items)


def data_table(skin: Skin, prose: Prose) -> Part:
    rows = "".join(f"<tr><td>Posten {n}</td><td>{n * 17} Mio.</td></tr>" for n in range(2, 7))
    return Part(f"<table><tr><th>Was</th><th>Betrag</th></tr>{rows}</table>", kept("Posten 3", "68 Mio."))


def event_data(skin: Skin, prose: Prose) -> Part:
    what = prose.headline()
    html = f"<dl><dt>{say(prose, 'when')}</dt><dd>12. 7., 19.30</dd><dt>{say(prose, 'where')}</dt><dd>{what}</dd></dl>"
    return Part(skin.box("events", html), kept(what))


def interview(skin: Skin, prose: Prose) -> Part:
    html, keep = "", []
    for number in range(4):
        asked, answer = f"{prose.headline()}?", "Nein." if number == 2 else prose.paragraph(2)
        html += skin.p(f"<b>{asked}</b>") + skin.p(answer)
        keep += [asked, answer]
    return Part(html, keep)


def definition(skin: Skin, prose: Prose) -> Part:
    items = [(prose.name(), prose.sentence()) for _ in range(3)]
    html = "".join(skin.p(f"<strong>{who}:</strong> {said}") for who, said in items)
    return Part(html, [said for _, said in items])


def correction(skin: Skin, prose: Prose) -> Part:
    text = say(prose, "note")
    return Part(skin.p(f"<em>{text}</em>"), kept(text), place="behind")


def footnotes(skin: Skin, prose: Prose) -> Part:
    notes = [prose.sentence() for _ in range(3)]
    html = "".join(f'<li id="fn{n}">{note} <a href="#r{n}">↩</a></li>' for n, note in enumerate(notes))
    return Part(f"<hr><ol>{html}</ol>", notes, place="behind")


def lead(skin: Skin, prose: Prose) -> Part:
    text = prose.paragraph(2)
    html = skin.box("lead", f"<b>{text}</b>", tag="p" if skin.paragraph.startswith("<p") else "div")
    return Part(html, kept(text), place="before")


def short_end(skin: Skin, prose: Prose) -> Part:
    text = prose.sentence(clause=False)
    return Part(skin.p(text), kept(text), place="behind")


def ticker(skin: Skin, prose: Prose) -> Part:
    html, keep = "", []
    for number in range(6):
        title, text = prose.headline(), prose.paragraph(2)
        html += skin.box("entry", f"<time>{18 - number}:05</time><h3>{title}</h3><p>{text}</p>")
        keep += [title, text]
    return Part(html, keep, place="alone")


def ticker_shared(skin: Skin, prose: Prose) -> Part:
    """Each entry with a link to itself and a button to share it."""
    html, keep = "", []
    for number in range(6):
        title, text = prose.headline(), prose.paragraph(1 + number % 2)
        more = f'<a href="#e{number}">Link</a><button>{say(prose, "share")}</button>'
        html += skin.box(
            "entry", f'<div>{18 - number}:05</div><h3><a href="#e{number}">{title}</a></h3><p>{text}</p>{more}'
        )
        keep += [title, text]
    lead = prose.paragraph(2)
    return Part(skin.p(lead) + html, [lead, *keep], place="alone")


def recommendations(skin: Skin, prose: Prose) -> Part:
    """A list article: linked headings of other sites, each with its own text."""
    html, keep = skin.p(first := prose.paragraph()), [first]
    for number in range(6):
        title, text = prose.headline(), prose.paragraph(2)
        html += f'<div><h3><a href="https://shop{number}.example/p">{title}</a></h3><p>{text}</p></div>'
        keep += [title, text]
    return Part(html, keep, place="alone")


def long_sections(skin: Skin, prose: Prose) -> Part:
    """Sections whose headings link to pages of the same site, with a whole text each."""
    html, keep = skin.p(first := prose.paragraph()), [first]
    for number in range(4):
        title, texts = prose.headline(), [prose.paragraph() for _ in range(3)]
        html += f'<h2><a href="/{number}">{title}</a></h2>' + "".join(skin.p(text) for text in texts)
        keep += [title, *texts]
    return Part(html, keep, place="alone")


def questions(skin: Skin, prose: Prose) -> Part:
    html, keep = "", []
    for _ in range(4):
        asked, answer = f"{prose.headline()}?", prose.paragraph(2)
        html += f"<div><h3>{asked}</h3><div><p>{answer}</p></div></div>"
        keep += [asked, answer]
    return Part(html, keep)


def nested_list(skin: Skin, prose: Prose) -> Part:
    outer, inner = prose.sentence(clause=False), [prose.sentence(clause=False) for _ in range(3)]
    items = "".join(f"<li>{item}</li>" for item in inner)
    return Part(f"<ul><li>{outer}<ul>{items}</ul></li></ul>", [outer, *inner])


def source_links(skin: Skin, prose: Prose) -> Part:
    """A list of which each item is a sentence with a link in it."""
    items = [(prose.sentence(clause=False), prose.sentence()) for _ in range(3)]
    html = "".join(f"<li>{one}: {link(two.split()[0])} {' '.join(two.split()[1:])}</li>" for one, two in items)
    return Part(f"<ul>{html}</ul>", [two for _, two in items])


def section(skin: Skin, prose: Prose) -> Part:
    """A part of the article in a section of its own, with a figure and a source."""
    title, texts = prose.headline(), [prose.paragraph() for _ in range(2)]
    inner = f"<h2>{title}</h2>" + "".join(skin.p(text) for text in texts)
    return Part(f"<section>{inner}<figure><img src=a.jpg></figure></section>", [title, *texts])


def accordion(skin: Skin, prose: Prose) -> Part:
    title, text = prose.headline(), prose.paragraph(2)
    return Part(f"<details><summary>{title}</summary><p>{text}</p></details>", [text])


def remark(skin: Skin, prose: Prose) -> Part:
    """A framed box with a heading and a link to more, of the article all the same."""
    one, two = prose.paragraph(2), prose.sentence()
    html = f"<h3>{prose.name()}</h3><p>{one}</p><p>{two} Mehr dazu {link('hier')}.</p>"
    return Part(skin.box("facts", html), kept(one, two))


def counter(skin: Skin, prose: Prose) -> Part:
    """Comments are counted above the text: what follows is no comment."""
    label = say(prose, "comments", 12)
    text = prose.paragraph(2)
    html = f"<b>{text}</b>"
    tag = "p" if skin.paragraph.startswith("<p") else "div"
    count = f"<div><span>12.07.2025</span> <a href=#comments>{label}</a></div><div>{label}</div>"
    return Part(skin.box("lead", html, tag=tag) + count, [text], [], place="before")


def signed(skin: Skin, prose: Prose) -> Part:
    text = prose.sentence()
    return Part(skin.p(text) + skin.p("(sda)"), [text], place="behind")
