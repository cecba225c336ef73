from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.extract import markup, rooms
from worker.extract.rooms import Layout


def layout(html: str) -> Layout:
    tree = markup.parse(f"<html><body>{html}</body></html>")
    assert tree is not None
    return rooms.read(tree)


def texts(html: str) -> list[str]:
    return [block.text for block in layout(html).blocks]


def test_a_block_is_a_run_that_no_element_interrupts() -> None:
    assert texts("a <b>bold</b> word<div>inner <i>text</i></div>behind<p>last") == [
        "a bold word",
        "inner text",
        "behind",
        "last",
    ]


def test_two_line_breaks_part_and_one_is_a_line() -> None:
    assert texts("<p>one<br>two<br><br>three<br> <br>four</p>") == ["one\ntwo", "three", "four"]


def test_what_is_dead_leaves_its_tail() -> None:
    assert texts("<p>left<script>x</script> right<button>no</button>!</p><nav>menu</nav>") == ["left right!"]


def test_a_small_named_inline_element_is_left_out() -> None:
    assert texts("<p>Text <span class='share-count'>12</span>goes on</p>") == ["Text goes on"]
    long = "word " * 80
    assert texts(f"<p>Text <span class='share'>{long}</span></p>") == [f"Text {long.strip()}"]


def test_links_times_and_weight() -> None:
    block = layout("<p><a href=x>four</a> and <time>12.07.2025</time></p>").blocks[0]
    assert (block.weight, block.links, block.timed) == (19.0, 4.0, True)
    assert layout("<p>東京都は予算案を発表した</p>").blocks[0].weight > 20


def test_bold_is_all_of_it() -> None:
    assert [block.bold for block in layout("<p><b>all of it</b></p><p><b>some</b> of it</p>").blocks] == [True, False]


def test_rooms_are_ranges_of_blocks() -> None:
    found = layout("<div id=a>x<p>y</p></div><section role=complementary>z<img></section>")
    spans = {room.tag: (room.first, room.last, room.end) for room in found.rooms}
    assert spans == {"body": (0, 3, 4), "div": (0, 2, 3), "p": (1, 2, 3), "section": (2, 3, 4)}
    assert found.rooms[-1].role == "complementary"
    assert (found.rooms[-1].images, found.rooms[0].images) == (1, 1)


def test_attributes_that_hide() -> None:
    found = layout(
        "<div style='color: red; display : none'>a</div><div hidden>b</div><div aria-hidden=true>c</div><div>d</div>"
    )
    assert [room.role for room in found.rooms[1:]] == ["hidden", "hidden", "hidden", ""]


def test_depth_costs_no_recursion() -> None:
    assert texts("<div>" * 1500 + "<b>" * 400 + "deep") == ["deep"]


PIECES = st.sampled_from(
    [
        "<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<br>", "x y", " ", "<a href=q>", "</a>", "<li>",
        "<span class=ad>", "</span>", "<table><td>", "<h2>", "<img>",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60))
def test_every_room_holds_its_rooms(pieces: list[str]) -> None:
    found = layout("".join(pieces))
    for index, room in enumerate(found.rooms):
        assert 0 <= room.first <= room.last <= len(found.blocks)
        assert index < room.end <= len(found.rooms)
        if room.parent >= 0:
            outer = found.rooms[room.parent]
            assert outer.first <= room.first
            assert room.last <= outer.last
            assert room.end <= outer.end
    assert all(found.rooms[block.room].tag == block.tag and block.text for block in found.blocks)
