"""In the reader's language: which written word is found by which asked one, on every index alike."""

from __future__ import annotations

from tests.articles import NOON, make_article
from worker.ports import ArticleIndex
from worker.query.ast import Search
from worker.query.parse import parse

FOUND: tuple[tuple[str, str, str], ...] = (
    # language of the article, a word in it, what finds it
    ("de", "Aussenminister", "Außenminister"),
    ("de", "Außenminister", "aussenministers"),
    ("de", "Aussenministers", "Aussenminister"),
    ("de", "Aussenministerin", "Aussenminister"),
    ("de", "Aussenminister", "Außenministerinnen"),
    ("de", "Zürich", "Zuerich"),
    ("de", "Zuerich", "Zürich"),
    ("de", "Zürich", "zurich"),
    ("de", "Strasse", "Straße"),
    ("de", "Straßen", "strasse"),
    ("de", "Häuser", "Haus"),
    ("de", "Zölle", "Zoll"),
    ("de", "Krankenkassenprämien", "Krankenkassenpraemie"),
    ("de", "Wahlen", "Wahl"),
    ("de", "Präsidentschaften", "praesidentschaft"),
    ("de", "GRÖSSE", "größe"),
    ("de", "Lehrerinnen", "Lehrer"),
    ("de", "Bundesräte", "bundesrat"),
    ("en", "councils", "council"),
    ("en", "council’s", "councils"),
    ("en", "running", "runs"),
    ("en", "elections", "election"),
    ("en", "organised", "organise"),
    ("en", "naïve", "naive"),
    ("fr", "élections", "election"),
    ("fr", "l'Élysée", "elysee"),
    ("fr", "nationaux", "national"),
    ("fr", "aujourd’hui", "aujourd'hui"),
    ("fr", "qu’œuvre", "oeuvre"),
    ("fr", "françaises", "francaise"),
    ("fr", "municipales", "municipale"),
    ("it", "dell'estate", "estate"),
    ("it", "giornali", "giornale"),
    ("it", "città", "citta"),
    ("it", "all’inizio", "inizio"),
    ("it", "elezioni", "elezione"),
    ("es", "elecciones", "elección"),
    ("es", "naciones", "nacion"),
    ("es", "periódicos", "periodico"),
    ("pt", "eleições", "eleicoes"),
    ("pt", "ações", "acoes"),
    ("pt", "comissões", "comissoes"),
    ("es", "municipales", "municipal"),
    ("it", "nell’Unione", "unione"),
    ("fr", "d'État", "etat"),
    ("de", "U-Boot", "u-boot"),
    ("en", "O'Neill", "o’neill"),
    ("nl", "verkiezingen", "verkiezing"),
    ("nl", "huizen", "huizen"),
    ("nl", "coöperatie", "cooperatie"),
    ("nl", "kranten", "krant"),
    ("sv", "regeringens", "regeringen"),
    ("sv", "tidningarna", "tidning"),
    ("sv", "möjligheter", "möjlighet"),
    ("da", "regeringens", "regering"),
    ("da", "aviserne", "avis"),
    ("no", "regjeringens", "regjering"),
    ("nb", "avisene", "avis"),
    ("no", "Tromsø", "tromso"),
    ("ru", "правительства", "правительство"),
    ("ru", "выборов", "выборы"),
    ("ru", "Новости", "новостях"),
    ("fi", "Helsingissä", "helsingissa"),
    ("pl", "Łódź", "lodz"),
    ("tr", "İstanbul", "istanbul"),
    ("ja", "東京都知事", "東京"),
    ("ja", "東京都知事", "京都"),
    ("ja", "スカイツリー", "ツリー"),
    ("ja", "新しい計画を発表した", "計画"),
    ("zh", "北京市政府", "市政"),
    ("zh-TW", "臺北市", "臺"),
    ("ko", "서울특별시에서", "서울특별시"),
    ("ko", "대통령은", "대통령"),
)

NOT_FOUND: tuple[tuple[str, str, str], ...] = (
    ("de", "Aussenminister", "Minister"),  # compounds are an option
    ("de", "Aussenminister", "Innenminister"),
    ("de", "Bank", "Banküberweisung"),
    ("en", "council", "councillor"),
    ("en", "news", "new"),
    ("fr", "national", "nation"),
    ("it", "estate", "est"),
    ("pl", "domy", "dom"),
    ("ja", "東京都", "京東"),
    ("zh", "北京市", "北市"),
    ("ko", "한국 신문", "국신"),
    ("ru", "новости", "новый"),
)
"""What a coarser stemmer would bring together, or pairs of characters that only stand in another order."""


def test_words_are_found_by_their_other_forms(index: ArticleIndex) -> None:
    table = [(pair, True) for pair in FOUND] + [(pair, False) for pair in NOT_FOUND]
    articles = [
        make_article(
            f"https://example.org/{number}", language=language, title="", summary="", body=f"Xyz {word} zyx.", tags=()
        )
        for number, ((language, word, _), _) in enumerate(table)
    ]
    index.write(articles, [])
    index.refresh()
    wrong = []
    for article, ((language, word, asked), expected) in zip(articles, table, strict=True):
        hits = index.search(Search(parse(asked, NOON), limit=100, collapse=False)).hits
        if (article.id in {hit.article.id for hit in hits}) is not expected:
            wrong.append((language, word, asked, "missed" if expected else "found"))
    assert not wrong, "\n".join(map(str, wrong))
