"""The wording of error pages that are answered with 200: what servers and content systems commonly show. Pure.

RFC 9110's phrases and their usual translations in de, fr, it, es, pt, nl. A heading that is one is enough; in the text,
only where the heading says nothing of its own ("Oops!", the site's name).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PHRASES = (
    r"error|fehler|erreur|errore|not found|page not found|seite nicht gefunden|forbidden|bad gateway"
    r"|service unavailable|internal server error|page introuvable|pagina non trovata|página no encontrada"
)
_CODE = r"(?:40[0-9]|410|429|451|50[0-9])"
_THING = r"(?:page|file|document|article|story|content|seite|webseite|artikel|beitrag|inhalt|dokument)"
_SORRY = r"(?:(?:sorry|oops|oh no|entschuldigung|ups|hoppla|désolé|oups|ops|spiacenti|lo sentimos)[,.!: -]+)?"
_GONE = (
    r"(?:(?:was |is |could |can ?)?(?:not|n't|never) (?:be )?found|(?:is |was )?no longer (?:available|exists?)"
    r"|nicht gefunden|nicht (?:mehr )?verfügbar|nicht (?:mehr )?vorhanden)"
)
_HEADING = re.compile(
    rf"^(?:(?:http[ -]?)?(?:error|fehler|erreur|errore|status)(?: ?code)?[\s:#-]*)?{_CODE}"
    rf"(?:\s*[:|–-].*|\s+(?:{_PHRASES})\b.*|[!.]*)?$"
    rf"|^{_SORRY}(?:(?:this |the |diese[rs]? |die |der )?{_THING} )?{_GONE}\b"
    rf"|^(?:diese |die )?seite gibt es (?:leider )?nicht"
    r"|^(?:die |diese |der |dieser )?(?:angeforderte |gesuchte |gewünschte |angefragte )?"
    r"(?:seite|artikel|beitrag|inhalt)"
    r" (?:wurde |konnte |existiert |ist )?(?:leider )?nicht (?:gefunden|mehr|verfügbar)"
    r"|^(?:cette )?page (?:introuvable|non trouv[ée]e|inexistante|n'existe)|^pagina (?:non trovata|niet gevonden)"
    r"|^(?:la )?pagina non (?:esiste|è stata trovata)|^página no (?:encontrada|existe)|^página não encontrada"
    r"|^we (?:can't|cannot|couldn't|could not) find|^access denied|^zugriff verweigert|^accès (?:refusé|interdit)"
    r"|^accesso negato|^acceso denegado|^service unavailable|^internal server error|^bad gateway|^forbidden\b"
    r"|^just a moment\.*$|^attention required!|^are you (?:a )?(?:human|robot)|^bot verification"
    r"|^(?:sind sie ein mensch|bitte warten)|^wartungsarbeiten$|^(?:site )?maintenance(?: mode)?$",
    re.I,
)
_TEXT = re.compile(
    rf"\b(?:http(?: status)?|error|fehler|erreur|errore|status)(?: ?code)?[\s:#-]*{_CODE}\b|\b{_CODE} not found\b"
    rf"|\b{_THING} (?:that )?(?:you(?:'re| are| were)? (?:looking for|requested)|you requested)"
    r"|(?:find|finden|found) (?:the|that|this|die|diese) (?:page|seite)\b"
    r"|\b(?:gewünschte|gesuchte|angeforderte|aufgerufene)[nr]? (?:seite|artikel|inhalt|beitrag)\b"
    r"|\bseite (?:wurde |konnte |existiert |ist )?(?:leider )?nicht (?:gefunden|mehr|verfügbar)"
    r"|page (?:que vous (?:cherchez|recherchez|demandez)|demandée|recherchée|n'existe)"
    r"|pagina (?:che (?:stai cercando|cerchi|hai richiesto)|richiesta|cercata|non (?:esiste|è stata trovata))"
    r"|página (?:que (?:busca|buscas|está buscando|solicita)|solicitada|no existe)",
    re.I,
)
_SAYS_NOTHING = 3
"""Words of a heading up to which it may be an exclamation."""
_CHARS = 200


def in_heading(headings: Iterable[str]) -> bool:
    """One of the texts is an error's own title."""
    return any(_HEADING.search(heading.strip()[:_CHARS]) for heading in headings)


def in_text(headings: Iterable[str], text: str) -> bool:
    """`text` speaks of a page that is not there, under headings that say nothing else."""
    return all(len(heading.split()) <= _SAYS_NOTHING for heading in headings) and _TEXT.search(text) is not None
