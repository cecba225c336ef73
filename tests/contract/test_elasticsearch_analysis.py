"""The templates' analyzers and worker/stores/analysis.py give the same terms: promise R10 rests on it."""

from __future__ import annotations

import pytest
from elasticsearch import Elasticsearch

from tests.articles import make_article
from worker.stores.analysis import ANALYSES, folded, stems
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES

TEXTS = (
    "Die Aussenministerin trifft den Außenminister; Aussenministers Reise nach Zürich, Zuerich und Zürcher Oberland",
    "Krankenkassenprämien steigen, Krankenkassenpraemie Strasse Straßen true neue Häuser Haus Bundesräte Bundesrätin",
    "L'Élysée n'a pas répondu aujourd’hui: qu’on s'y attendait, jusqu'à l’été; les journaux nationaux régionales",
    "Dell'Utri all’inizio un'altra c'è nell'estate sull’Appennino i giornali nazionali perché città",
    "The council's councils councillors' Trump’s running ran runs generously skies dying news nationalities",
    "Los periódicos nacionales habían anunciado las elecciones municipales, ¿qué pasó? años corazón naciones",
    "As eleições municipais foram anunciadas pelos jornais, não? ações coração países comissões ligações",
    "De regering kondigde de verkiezingen aan; 's-Gravenhage, zo'n, auto's, mogelijkheden katten lopen gelopen huizen",
    "U-Boot, COVID-19, 3.5 Prozent, 1'000'000 Franken, 12,5 %, A4, e-mail@example.org, https://example.org/a?b=c, C++",
    "ÆØÅ æøå œuvre Łódź İstanbul ISTANBUL ıslak ﬁn ﬀ ﬂ ℌ ½ ² Ⅷ straße STRASSE ẞ naïve coöperatie e\u0301te\u0301",
    "東京都は新しい計画を発表した。カタカナ 北京市政府 서울특별시 ภาษาไทย Привет, мир! Ελλάδος ΣΊΣΥΦΟΣ שלום العربية",
    "emoji 👍🏽 👩‍👩‍👧 🇨🇭 zero\u200bwidth soft\u00adhyphen non\u00a0breaking tab\there",
    "_under_score_ a_b 1_000 a.b.c U.S.A.",
    "don't don’t O'Neill l'' ''l 'quoted' rock'n'roll EU:s a:b 10:30 10/2026 24.12.2026 #hashtag @handle $5 €5",
    "Regeringens möjligheter i husets landet; lovers regjeringen husene, muligheder; выборов правительства новости ещё",
    "日々の暮らし タワーｶﾀｶﾅ 한국어신문은 東京A都 東。京",
    "x" * 300 + " " + "Donaudampfschifffahrtsgesellschaftskapitän" * 8,
)


@pytest.fixture
def client(elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str) -> Elasticsearch:
    elasticsearch_index.write([make_article()], [])
    return Elasticsearch(elasticsearch_url)


def terms(client: Elasticsearch, name: str, analyzer: str, text: str) -> list[str]:
    [index] = client.indices.get_alias(name=ARTICLES.alias(name))
    return [token["token"] for token in client.indices.analyze(index=index, analyzer=analyzer, text=text)["tokens"]]


def test_folded_terms_are_the_same(client: Elasticsearch, elasticsearch_index: ElasticsearchIndex) -> None:
    with client:
        for text in TEXTS:
            assert terms(client, elasticsearch_index.name, "news_folded", text) == folded(text)


@pytest.mark.parametrize("language", ANALYSES)
def test_stems_are_the_same(client: Elasticsearch, elasticsearch_index: ElasticsearchIndex, language: str) -> None:
    with client:
        for text in TEXTS:
            assert terms(client, elasticsearch_index.name, f"news_{language}", text) == stems(text, language)


def test_swiss_and_german_spellings_meet(client: Elasticsearch, elasticsearch_index: ElasticsearchIndex) -> None:
    with client:
        name = elasticsearch_index.name
        assert set(
            terms(
                client,
                name,
                "news_de",
                "Aussenminister Außenminister Aussenministers Außenministerin Aussenministerinnen",
            )
        ) == {"aussenminist"}
        assert set(terms(client, name, "news_de", "Zürich Zuerich")) == {"zurich"}
        assert set(terms(client, name, "news_de", "Straße Strasse Straßen")) == {"strass"}
