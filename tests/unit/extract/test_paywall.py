from __future__ import annotations

import pytest

from worker.extract.jsonld import LinkedData
from worker.extract.paywall import is_behind

FREE = "isAccessibleForFree"


@pytest.mark.parametrize(
    ("article", "meta", "shows_wall", "wanted"),
    [
        ({FREE: False}, {}, False, True),
        ({FREE: "False"}, {}, False, True),
        ({FREE: "http://schema.org/False"}, {}, False, True),
        ({FREE: ["false"]}, {}, False, True),
        ({"hasPart": {"@type": "WebPageElement", FREE: False}}, {}, False, True),
        ({"hasPart": [{FREE: "True"}, {FREE: "False"}]}, {}, False, True),
        ({}, {"article:content_tier": "locked"}, False, True),
        ({}, {"article:content_tier": "Metered"}, False, True),
        ({}, {"isaccessibleforfree": "false"}, False, True),
        ({}, {}, True, True),
        ({FREE: True}, {}, True, False),
        ({FREE: "true"}, {"article:content_tier": "locked"}, False, False),
        ({}, {"article:content_tier": "free"}, True, False),
        ({FREE: "perhaps"}, {}, False, False),
        ({FREE: None, "hasPart": "x"}, {}, False, False),
        ({}, {}, False, False),
    ],
)
def test_claims(article: dict[str, object], meta: dict[str, str], shows_wall: bool, wanted: bool) -> None:
    assert is_behind(meta, LinkedData(article), shows_wall) is wanted


def test_what_the_page_says_of_itself_where_there_is_no_article() -> None:
    assert is_behind({}, LinkedData(page={FREE: False}), False)
