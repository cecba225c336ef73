"""What a page shows of other articles and of its readers: none of it may come out."""

from __future__ import annotations

from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import Skin
from tests.bench.layouts.words import Maker, Part, link, say


def related_teaser(skin: Skin, prose: Prose) -> Part:
    title, text = prose.headline(), prose.sentence()
    inner = f'<a href="/a"><img src="a.jpg" alt=""></a><div><h3>{link(title)}</h3><p>{text}</p></div>'
    return Part(skin.box("related", inner), drop=[title, text])


def related_block_link(skin: Skin, prose: Prose) -> Part:
    title, text = prose.headline(), prose.sentence()
    return Part(skin.box("related", f'<a href="/a"><div>{title}</div><div>{text}</div></a>'), drop=[title, text])


def related_list(skin: Skin, prose: Prose) -> Part:
    titles = [prose.headline() for _ in range(4)]
    items = "".join(f"<li>{link(title)}</li>" for title in titles)
    label = say(prose, "more")
    return Part(skin.box("related", f"<h3>{label}</h3><ul>{items}</ul>"), drop=[label, *titles])


def related_line(skin: Skin, prose: Prose) -> Part:
    title, label = prose.headline(), say(prose, "read")
    return Part(skin.p(f"<b>{label}</b> {link(title)}"), drop=[title])


def teasers(count: int, *, deep: bool = False) -> Maker:
    def make(skin: Skin, prose: Prose) -> Part:
        html, drop = f"<h2>{say(prose, 'more')}</h2>", [say(prose, "more")]
        for number in range(count):
            title, text = prose.headline(), prose.sentence()
            inner = f"<h3>{link(title, f'/{number}')}</h3><p>{text}</p>"
            html += f"<div><div>{inner}</div></div>" if deep else f"<div>{inner}</div>"
            drop += [title, text]
        return Part(skin.box("related", html), drop=drop, place="below" if deep else "behind")

    return make


def dated_teasers(skin: Skin, prose: Prose) -> Part:
    html, drop = "", []
    for number in range(6):
        title, text = prose.headline(), prose.paragraph(2)
        image = f'<a href="/{number}"><img src="{number}.jpg"></a>'
        html += f"<div>{image}<h4>{link(title)}</h4><p>{text}</p>{link('mehr')}</div>"
        drop += [title, text]
    return Part(skin.box("related", html), drop=drop, place="below")


def consent(place: str) -> Maker:
    def make(skin: Skin, prose: Prose) -> Part:
        text = say(prose, "cookies")
        buttons = f"<button>{say(prose, 'accept')}</button><button>{say(prose, 'reject')}</button>"
        return Part(skin.box("consent", f"<div><p>{text}</p>{buttons}</div>", tag="div"), drop=[text], place=place)

    return make


def comments(count: int, *, form: bool = False, place: str = "below") -> Maker:
    def make(skin: Skin, prose: Prose) -> Part:
        label = say(prose, "comments", count)
        html, drop = f"<h3>{label}</h3>", [label]
        for number in range(count):
            who, said = prose.name(), prose.paragraph(1 + number % 3)
            inner = f"<div>{who}</div><div>1{number % 10}.07.2025</div><p>{said}</p><a href=#>{say(prose, 'reply')}</a>"
            html += skin.box("comment", inner, tag="div")
            drop.append(said)
        if form:
            html += f"<form><h4>{say(prose, 'write')}</h4><textarea></textarea><button>OK</button></form>"
            drop.append(say(prose, "write"))
        return Part(skin.box("comments", html), drop=drop, place=place)

    return make


def comment_items(skin: Skin, prose: Prose) -> Part:
    """As most blogs have them: a numbered list."""
    html, drop = "", [say(prose, "comments", 4)]
    for number in range(4):
        who, said = prose.name(), prose.paragraph(2)
        html += (
            f"<li><div><cite>{who}</cite> sagt:</div><div><a href=#c>{number + 2}. 7. 2025 um 13:13</a></div>"
            f"<p>{said}</p><div><a href=#r>{say(prose, 'reply')}</a></div></li>"
        )
        drop.append(said)
    inner = f"<h2>{drop[0]}</h2><ol>{html}</ol>"
    return Part(skin.box("comments", inner), drop=drop, place="below")


def card_teasers(skin: Skin, prose: Prose) -> Part:
    """Cards that are one link each."""
    html, drop = "", []
    for number in range(5):
        title, text = prose.headline(), prose.sentence()
        html += f'<div><a href="/{number}"><img src="{number}.jpg"><h3>{title}</h3><p>{text}</p></a></div>'
        drop += [title, text]
    return Part(skin.box("related", html), drop=drop, place="behind")


def overlay_teasers(skin: Skin, prose: Prose) -> Part:
    """Cards with a title that is no link, and one that says "more"."""
    html, drop = f"<h2>{say(prose, 'more')}</h2>", []
    for number in range(4):
        title, text = prose.headline(), prose.sentence()
        html += f'<div><h3>{title}</h3><p>{text}</p><a href="/{number}">{say(prose, "go")}</a></div>'
        drop += [title, text]
    return Part(skin.box("related", html), drop=drop, place="below")


def item_teasers(skin: Skin, prose: Prose) -> Part:
    html, drop = "", []
    for number in range(4):
        title, text = prose.headline(), prose.sentence()
        html += f"<li><span>Region</span><h4>{link(title, f'/{number}')}</h4><p>{text}</p><time>12.07.2025</time></li>"
        drop += [title, text]
    return Part(skin.box("related", f"<ul>{html}</ul>"), drop=drop, place="behind")


def flat_teasers(skin: Skin, prose: Prose) -> Part:
    html, drop = "", []
    for number in range(5):
        title, text = prose.headline(), prose.sentence()
        html += f"<h3>{link(title, f'/{number}')}</h3><p>{text}</p>"
        drop += [title, text]
    return Part(skin.box("related", html), drop=drop, place="below")


def short_comments(skin: Skin, prose: Prose) -> Part:
    html, drop = f"<div>{say(prose, 'all_comments')} (3)</div>", []
    for number in range(3):
        who, said = prose.name(), prose.sentence()
        reply = f"<div><span>{say(prose, 'reply')}</span></div>"
        html += f"<div><b>{who}</b> <i>vor {number + 2} Stunden</i><div>{said}</div>{reply}</div>"
        drop.append(said)
    return Part(skin.box("comments", html), drop=drop, place="below")


def threaded_comments(skin: Skin, prose: Prose) -> Part:
    label = say(prose, "comments", 6)
    inner, drop = "", [label]
    for number in range(6):
        said = prose.paragraph(2)
        inner += f"<div><h4>{prose.name()}</h4><time>0{number + 1}.07.2025 13:13</time><div><p>{said}</p></div>"
        drop.append(said)
    return Part(skin.box("comments", f"<h2>{label}</h2>{inner}{'</div>' * 6}"), drop=drop, place="below")
