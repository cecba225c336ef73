from __future__ import annotations

import re

import pytest

from worker import settings
from worker.cli.reasons import REASONS, STATES
from worker.models import Reason, State


def test_every_reason_and_every_state_is_explained() -> None:
    assert set(REASONS) == set(Reason)
    assert set(STATES) == set(State)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_a_sentence_of_its_own(reason: Reason) -> None:
    sentence = REASONS[reason]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert list(REASONS.values()).count(sentence) == 1


def test_the_settings_that_it_names_exist() -> None:
    named = {name for sentence in REASONS.values() for name in re.findall(r"FEEDMILL_\w+", sentence)}
    assert named
    assert named <= set(settings.names())
