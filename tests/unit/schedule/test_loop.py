from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.models import Claim, ClaimKind
from worker.schedule.loop import batches_of

CLAIMS = st.lists(
    st.builds(
        Claim,
        kind=st.sampled_from(ClaimKind),
        id=st.uuids().map(str),
        host=st.just("h"),
        token=st.just("t"),
        alone=st.booleans(),
    ),
    max_size=60,
)


@given(CLAIMS, st.integers(1, 50))
def test_batches_hold_every_claim_once_in_one_kind_and_size(claims: list[Claim], size: int) -> None:
    batches = batches_of(claims, size)
    assert sorted(c.id for batch in batches for c in batch) == sorted(c.id for c in claims)
    for batch in batches:
        assert 1 <= len(batch) <= size
        assert len({claim.kind for claim in batch}) == 1
        assert len(batch) == 1 or not any(claim.alone for claim in batch)


@given(CLAIMS, st.integers(1, 50))
def test_batches_are_as_full_as_can_be(claims: list[Claim], size: int) -> None:
    together = [claim for claim in claims if not claim.alone]
    least = sum(-(-sum(claim.kind is kind for claim in together) // size) for kind in ClaimKind)
    assert len(batches_of(claims, size)) == least + len(claims) - len(together)
