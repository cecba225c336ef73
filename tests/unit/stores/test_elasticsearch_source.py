from __future__ import annotations

import json

import pytest

from tests.articles import make_article
from worker.index.documents import article_to_json
from worker.models import Extraction, StoryRef
from worker.stores.analysis import ANALYSES
from worker.stores.elasticsearch.source import TEXT_FIELDS, from_source, text_field, to_line, to_source
from worker.stores.elasticsearch.template_files import load as load_template


@pytest.mark.parametrize("language", ["de", "de-CH", "DE", "en", "nl", "pl", "", "d", "deutsch"])
def test_there_and_back(language: str) -> None:
    article = make_article(language=language)
    source = json.loads(to_line(to_source(article)))
    assert from_source(source) == article
    plain = article_to_json(article)
    others = [key for key in plain if key not in TEXT_FIELDS]
    assert {key: source[key] for key in others} == {key: plain[key] for key in others}
    assert sorted(source.values(), key=str) == sorted(plain.values(), key=str)


def test_text_lies_in_the_field_of_its_language() -> None:
    assert text_field("body", "de-CH") == "body_de"
    assert text_field("title", "rm") == "title"
    assert [text_field("body", code) for code in ("zh-TW", "ja", "nb")] == ["body_cjk", "body_cjk", "body_no"]


def test_each_key_of_a_document_has_a_field_in_the_template() -> None:
    template = load_template("articles.component", "news")["template"]
    properties = template["mappings"]["properties"]
    for language in (*ANALYSES, "ja", "pl"):
        extraction, story = Extraction("own", 0.9, True, ("0" * 16,)), StoryRef("a" * 32, True, 1.0, provisional=True)
        source = to_source(make_article(language=language, extraction=extraction, story=story))
        assert source.keys() <= properties.keys()
        for key in ("story", "extraction"):
            assert source[key].keys() == properties[key]["properties"].keys()
    for field in TEXT_FIELDS:
        for language in ANALYSES:
            of_language = properties[f"{field}_{language}"]
            assert of_language == {"type": "text", "analyzer": f"news_{language}", "copy_to": [field]}


@pytest.mark.parametrize("kind", ["articles.component", "articles.index", "events.component", "events.index"])
def test_the_name_reaches_every_template(kind: str) -> None:
    text = json.dumps(load_template(kind, "other"))
    assert "{name}" not in text
    assert load_template(kind, "other")["_meta"]["hash"] == load_template(kind, "news")["_meta"]["hash"]


@pytest.mark.parametrize("value", [{"a": "\ud83d"}, {"a": float("nan")}, {"a": float("inf")}])
def test_what_json_cannot_hold_is_no_line(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"surrogate|JSON"):
        to_line(value)


def test_a_line_has_no_line_break_within() -> None:
    assert to_line({"a": "b\nc\r\u2028d"}).count(b"\n") == 0
