"""Who gets what: nobody moves when one joins, and a roster is read strictly."""

from collections import Counter

import pytest

from ideas_lib.exercises.roster import BadRoster, assign_variants, read_roster

IDS = [f"s{at:04}" for at in range(300)]


def test_nobody_moves_when_a_student_joins():
    before = assign_variants(IDS[:-1], 30, "2026")
    after = assign_variants([IDS[-1], *reversed(IDS[:-1])], 30, "2026")
    assert {who: after[who] for who in before} == before


def test_with_more_variants_only_those_move_who_get_a_new_one():
    before, after = assign_variants(IDS, 30, "t"), assign_variants(IDS, 33, "t")
    moved = [who for who in IDS if before[who] != after[who]]
    assert moved
    assert all(after[who] > 30 for who in moved)
    assert len(moved) < 2 * len(IDS) * 3 / 33


def test_another_term_is_another_draw_and_all_variants_are_used():
    one, other = assign_variants(IDS, 30, "a"), assign_variants(IDS, 30, "b")
    assert sum(one[who] == other[who] for who in IDS) < 30
    assert len(Counter(one.values())) == 30
    assert max(Counter(one.values()).values()) < 25


@pytest.mark.parametrize(
    "data",
    [b"id\na\nb\n", b"a\nb\n", b"Name,Email\nA,a\nB,b\n", "\ufeffid;x\r\na;1\r\nb;2\r\n".encode(),
     b'sep=;\r\nid;x\r\n"a";"1,2"\r\nb;\r\n', b'"Last, first",ID\n"A, a",a\n"B, b",b\n',
     b'"Last, first, middle";id\n"A, a, a";a\nB;b\n', b"id\ra\rb\r", b"\n\nid\tx\na\t1\nb\t2\n"],
)  # fmt: skip
def test_rosters_of_many_kinds(data):
    assert read_roster(data) == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"id,name\na,A\nb,B\na,C\n", "r.csv:4: the id 'a' is on line 2 already"),
        (b"id,name\n,A\n", "r.csv:2: the id is ''"),
        (b"id,name\na\n", "r.csv:2: 1 cells, and the heading has 2"),
        (b"first,last\na,b\n", "r.csv:1: no column is called id"),
        (b"", "r.csv has no students"),
        (b"id,name\n", "heading, and no students"),
        (b"id\n\xff\n", "r.csv:2: the byte 0xff is not UTF-8: save it"),
        (b'id\nb\n"a\nc\n', "r.csv:3: unexpected end of data: is a quotation mark missing"),
        (b"email\nada@x.org\nAda@X.org\n", "'Ada@X.org' is on line 2 already as 'ada@x.org'"),
        ("id\ncafe\u0301\ncaf\u00e9\n".encode(), "is on line 2 already as"),
        (b"id,x,ID\n1,2,3\n", "r.csv:1: two columns are called 'id'"),
        (b"sep=;\nid;x\na;1\na;2\n", "r.csv:4: the id 'a' is on line 3 already"),
        (b"id\na\x1bb\n", "r.csv:2: the id is 'a\\x1bb'"),
    ],
)
def test_a_bad_roster_is_one_line_that_names_the_place(data, says):
    with pytest.raises(BadRoster) as error:
        read_roster(data, "r.csv")
    assert says in str(error.value)
    assert "\n" not in str(error.value)
