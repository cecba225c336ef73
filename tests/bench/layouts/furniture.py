"""Appeals, tools, notes and advertising around and between the paragraphs: none of it may come out."""

from __future__ import annotations

from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import Skin
from tests.bench.layouts.words import Part, link, say


def newsletter(skin: Skin, prose: Prose) -> Part:
    text, button = say(prose, "letter"), say(prose, "subscribe")
    inner = f"<h3>Newsletter</h3><p>{text}</p><form><input type=email><button>{button}</button></form>"
    return Part(skin.box("newsletter", inner), drop=[text])


def newsletter_link(skin: Skin, prose: Prose) -> Part:
    text, button = say(prose, "letter"), say(prose, "subscribe")
    return Part(skin.box("newsletter", f"<p>{text}</p>{link(button)}"), drop=[text, button])


def donation(skin: Skin, prose: Prose) -> Part:
    text, button = say(prose, "donate"), say(prose, "give")
    return Part(skin.box("donate", f"<div><p>{text}</p></div><div>{link(button)}</div>"), drop=[text, button])


def author_box(skin: Skin, prose: Prose) -> Part:
    who = prose.name()
    bio, more = say(prose, "bio", who), say(prose, "follow", who)
    inner = f'<img src="a.jpg" alt=""><div><a href="/autor/1">{who}</a></div><p>{bio}</p><a href="/autor/1">{more}</a>'
    return Part(skin.box("author", inner), drop=[bio, more], place="behind")


def author_note(skin: Skin, prose: Prose) -> Part:
    who = prose.name()
    bio = say(prose, "bio", who)
    return Part(skin.p(f'<em><a href="/autor/1">{who}</a>{bio.removeprefix(who)}</em>'), drop=[bio], place="behind")


def byline(skin: Skin, prose: Prose) -> Part:
    who = say(prose, "by", prose.name())
    when = "12.07.2025, 13:13" + (" Uhr" if prose.language == "de" else "")
    html = (
        skin.box("byline", who) + skin.box("date", f"<time>{when}</time>") + skin.box("meta", say(prose, "read_time"))
    )
    return Part(html, drop=[who, when, say(prose, "read_time")], place="before")


def tags(skin: Skin, prose: Prose) -> Part:
    names = [prose.name() for _ in range(4)]
    html = say(prose, "tags") + " " + ", ".join(link(name, f"/tag/{at}") for at, name in enumerate(names))
    return Part(skin.box("tags", html), drop=[say(prose, "tags")], place="behind")


def share(skin: Skin, prose: Prose) -> Part:
    names = ("Facebook", "WhatsApp", "E-Mail", say(prose, "print"))
    html = f"<span>{say(prose, 'share')}</span>" + "".join(f"<a href=#>{name}</a>" for name in names)
    return Part(skin.box("share", html), drop=["WhatsApp", say(prose, "print")], place="before")


def share_list(skin: Skin, prose: Prose) -> Part:
    html = "".join(f"<li><span>{name}</span></li>" for name in ("Facebook", "WhatsApp", say(prose, "print")))
    return Part(skin.box("share", f"<ul>{html}</ul>"), drop=["WhatsApp", say(prose, "print")], place="behind")


def ad(skin: Skin, prose: Prose) -> Part:
    label, text = say(prose, "ad"), prose.headline()
    return Part(skin.box("ad", f"<span>{label}</span><a href='//ads.example/x'><div>{text}</div></a>"), drop=[text])


def ad_label(skin: Skin, prose: Prose) -> Part:
    return Part(skin.box("ad", f"<span>- {say(prose, 'ad')} -</span>"), drop=[say(prose, "ad")])


def pager(skin: Skin, prose: Prose) -> Part:
    html = f"{say(prose, 'page')} <b>1</b> <a href=?2>2</a> <a href=?3>3</a> <a href=?2>{say(prose, 'next')}</a>"
    return Part(skin.box("pager", html), drop=[say(prose, "next")], place="behind")


def player(skin: Skin, prose: Prose) -> Part:
    html = f"<button>▶</button><span>{say(prose, 'listen')}</span><span>04:32</span>"
    return Part(skin.box("player", html), drop=[say(prose, "listen"), "04:32"], place="before")


def gallery(skin: Skin, prose: Prose) -> Part:
    shown = [prose.sentence(clause=False) for _ in range(5)]
    html = "".join(
        f'<figure><img src="{at}.jpg"><figcaption>{text} <span>{say(prose, "photo")}: Keystone</span>'
        f"</figcaption></figure>"
        for at, text in enumerate(shown)
    )
    return Part(skin.box("gallery", html), drop=shown)


def picture(skin: Skin, prose: Prose) -> Part:
    text = prose.sentence(clause=False)
    html = f'<div><img src="a.jpg"></div><div>{text} {say(prose, "photo")}: {prose.name()}</div>'
    return Part(skin.box("caption", html), drop=[text])


def tweet(skin: Skin, prose: Prose) -> Part:
    html = f"<blockquote{skin.named('tweet')}><p>{prose.sentence()}</p>&mdash; X (@x) {link('July 12')}</blockquote>"
    return Part(html)


def trail(skin: Skin, prose: Prose) -> Part:
    html = f"{link(say(prose, 'home'))} › {link('Region')} › {link('Talwil')}"
    return Part(skin.box("trail", html), drop=["Talwil"], place="above")


def paywall(skin: Skin, prose: Prose) -> Part:
    text, button = say(prose, "pay"), say(prose, "offer")
    return Part(skin.box("paywall", f"<p>{text}</p>{link(button, '/abo')}"), drop=[text, button], place="behind")


def next_prev(skin: Skin, prose: Prose) -> Part:
    one, two = prose.headline(), prose.headline()
    html = f"<div>{say(prose, 'older')} {link(one)}</div><div>{say(prose, 'newer')} {link(two)}</div>"
    return Part(skin.box("nextprev", html), drop=[one, two, say(prose, "older")], place="behind")


def poll(skin: Skin, prose: Prose) -> Part:
    asked = f"{prose.headline()}?"
    html = f"<h3>{asked}</h3><form><label><input type=radio>Ja</label><button>{say(prose, 'vote')}</button></form>"
    return Part(skin.box("poll", html), drop=[asked])


def app(skin: Skin, prose: Prose) -> Part:
    text = say(prose, "app")
    return Part(skin.box("app", f"<p>{text}</p>{link('App Store')} {link('Google Play')}"), drop=[text], place="behind")


def sidebar(skin: Skin, prose: Prose) -> Part:
    titles = [prose.headline() for _ in range(5)]
    items = "".join(f"<li>{link(title)}</li>" for title in titles)
    return Part(skin.box("side", f"<h3>Top 5</h3><ol>{items}</ol>"), drop=titles, place="below")


def byline_under_lead(skin: Skin, prose: Prose) -> Part:
    who, lead = say(prose, "by", prose.name()), prose.paragraph(2)
    tag = "p" if skin.paragraph.startswith("<p") else "div"
    html = skin.box("lead", f"<b>{lead}</b>", tag=tag) + skin.box("byline", who) + skin.box("date", "12.07.2025, 13:13")
    return Part(html, [lead], [who, "12.07.2025"], place="before")


def paid_offer(skin: Skin, prose: Prose) -> Part:
    """Three offers in columns, each with a price and a button."""
    names = ("Basis", "Plus", "Premium")
    inner = "".join(
        f"<div><h4>{name}</h4><div>9.90</div><a href=/abo>{say(prose, 'offer')}</a></div>" for name in names
    )
    return Part(skin.box("paywall", f"<h3>{say(prose, 'pay')}</h3>{inner}"), [], [say(prose, "offer")], place="behind")


def search_box(skin: Skin, prose: Prose) -> Part:
    return Part(
        skin.box("search", f"<form><input><input type=submit value=OK></form><p>{say(prose, 'app')}</p>"),
        [],
        [say(prose, "app")],
        place="below",
    )


def legal(skin: Skin, prose: Prose) -> Part:
    text = "© dpa-infocom, dpa:250712-99-123456/2"
    return Part(skin.p(text), [], [], place="behind")
