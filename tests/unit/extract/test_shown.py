"""Dates as people write them, in the languages of the world's papers; and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import shown
from worker.extract.zones import Site

DE = Site("https://a.de/x", "de")
UK = Site("https://a.co.uk/x", "en")
US = Site("https://a.com/x", "en-US")
COM = Site("https://a.com/x", "en")


def first(line: str, site: Site) -> str | None:
    found = next(shown.read(line, site), None)
    if found is None:
        return None
    clock = found.local.strftime("%Y-%m-%d %H:%M") if found.has_clock else found.local.strftime("%Y-%m-%d")
    offset = found.zone.utcoffset(found.local) if found.zone else None
    return clock if offset is None else f"{clock} {offset.total_seconds() / 3600:+g}"


@pytest.mark.parametrize(
    ("line", "site", "wanted"),
    [
        ("12 July 2025, 09:05 GMT", UK, "2025-07-12 09:05 +0"),
        ("12 July 2025 09:05 BST", UK, "2025-07-12 09:05 +1"),
        ("09:05 GMT, 12 July 2025", UK, "2025-07-12 09:05 +0"),
        ("12.07.2025, 13:13 Uhr MESZ", DE, "2025-07-12 13:13 +2"),
        ("12.07.2025 13:13 Uhr (MEZ)", DE, "2025-07-12 13:13 +1"),
        ("12.07.2025, 13:13 +02:00", DE, "2025-07-12 13:13 +2"),
        ("12. Juli 2025, 13.13 Uhr", DE, "2025-07-12 13:13"),
        ("13:13 Uhr, 12.07.2025", DE, "2025-07-12 13:13"),
        ("12.07.25 | 13 Uhr", DE, "2025-07-12 13:00"),
        ("July 12, 2025 at 9:05 a.m. ET", US, "2025-07-12 09:05 -4"),
        ("Sept. 3, 2025, 9:05 PM EST", US, "2025-09-03 21:05 -5"),
        ("9:05 AM EST, Sat July 12, 2025", COM, "2025-07-12 09:05 -5"),
        ("July 12, 2025 12:05 am", COM, "2025-07-12 00:05"),
        ("12 July 2025 09:05 IST", COM, "2025-07-12 09:05"),
        ("Publié le 12 juillet 2025 à 13h13", DE, "2025-07-12 13:13"),
        ("1er mars 2025", DE, "2025-03-01"),
        ("12 luglio 2025 alle 13:13 CEST", DE, "2025-07-12 13:13 +2"),
        ("12 de julio de 2025, 9:05 h", DE, "2025-07-12 09:05"),
        ("2025-07-12 13:13", DE, "2025-07-12 13:13"),
        ("2025年7月12日 13時13分", DE, "2025-07-12 13:13"),
        ("2025年7月12日 午後1時13分", DE, "2025-07-12 13:13"),
        ("2025.07.12. 오후 1:13", DE, "2025-07-12 13:13"),
        ("12/07/2025 13:13", UK, "2025-07-12 13:13"),
        ("12/07/2025 13:13", DE, "2025-07-12 13:13"),
        ("3/4/2025", US, "2025-03-04"),
        ("3/4/2025", COM, None),
        ("7/14/2025", COM, "2025-07-14"),
        ("12.07.2025 | 4 Min. Lesezeit", DE, "2025-07-12"),
        ("12.07.2025 - 13.07", DE, "2025-07-12"),
        ("12.07.2025 – 14.07.2025", DE, None),
        ("from 12 July 2025 to 14 July 2025", UK, None),
        ("31.02.2025", DE, None),
        ("12.07.2025, 25:61", DE, "2025-07-12"),
        ("192.168.12.2025", DE, None),
        ("12 Regen 2025", DE, None),
        ("", DE, None),
    ],
)
def test_table(line: str, site: Site, wanted: str | None) -> None:
    assert first(line, site) == wanted


def test_all_dates_of_a_line_in_their_order() -> None:
    found = list(shown.read("Published 3 May 2026, updated 5 May 2026 at 10:00 UTC", UK))
    assert [(item.local.day, item.has_clock) for item in found] == [(3, False), (5, True)]


@given(st.text(max_size=400))
def test_any_line(line: str) -> None:
    assert all(0 <= item.start < item.end <= len(line) for item in shown.read(line, COM))
