"""What a folder is understood to hold."""

import pytest

from microrelief.cohort.repeats import find_repeats
from microrelief.errors import RepeatsError


def lay(folder, *names, content=b"x"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def pairs(found):
    return [(pair.person, pair.before.name, pair.after.name) for pair in found.pairs]


def test_a_sub_folder_is_a_person_and_every_pair_is_taken(tmp_path):
    lay(tmp_path, "anna/one.jpg", "anna/two.HEIC", "anna/notes.txt", "bert/a.png", "bert/b.png", "bert/c.png")
    lay(tmp_path, "carla/only.jpg", ".hidden/a.jpg", ".hidden/b.jpg", "anna/.DS_Store.jpg")
    found = find_repeats(tmp_path)
    assert pairs(found) == [
        (1, "one.jpg", "two.HEIC"),
        (2, "a.png", "b.png"),
        (2, "a.png", "c.png"),
        (2, "b.png", "c.png"),
    ]
    assert found.understood == (
        "Understood by sub-folders: 2 people, 5 photographs, 4 pairs; "
        "1 photograph without a second one left out."
    )


def test_names_that_differ_in_their_last_part_are_one_person_in_the_order_of_the_numbers(tmp_path):
    lay(
        tmp_path,
        "Anna_10.jpg",
        "anna_2.jpg",
        "bert-a.jpg",
        "bert-b.jpg",
        "carl (1).jpg",
        "carl (2).jpg",
        "eve.jpg",
    )
    assert pairs(find_repeats(tmp_path)) == [
        (1, "anna_2.jpg", "Anna_10.jpg"),
        (2, "bert-a.jpg", "bert-b.jpg"),
        (3, "carl (1).jpg", "carl (2).jpg"),
    ]


def test_a_cameras_numbers_are_no_person(tmp_path):
    lay(tmp_path, "IMG_1234.jpg", "IMG_1235.jpg", "DSC0007.jpg", "DSC0008.jpg")
    with pytest.raises(RepeatsError, match=r"no two photographs .*Give each person a sub-folder"):
        find_repeats(tmp_path)


@pytest.mark.parametrize(
    "text", ["before,after\n{}\n", "\ufeffBefore; After;note\n{};x\n", "id\tbefore\tafter\n1\t{}\n"]
)
def test_a_list_is_read_as_spreadsheets_write_it(tmp_path, text):
    lay(tmp_path, "x.jpg", "sub/y.jpg", "z.jpg", "q.jpg", "r.jpg")
    delimiter = next(sign for sign in ";\t," if sign in text)
    rows = [("x.jpg", "sub/y.jpg"), ("q.jpg", "r.jpg"), ("sub/y.jpg", "z.jpg")]
    head, _, line = text.partition("\n")
    lines = [line.rstrip("\n").format(delimiter.join(row)) for row in rows]
    (tmp_path / "pairs.csv").write_text("\n".join([head, *lines]), "utf-8")
    found = find_repeats(tmp_path)
    # x, y and z hang together, so they are one person
    assert [pair.person for pair in found.pairs] == [1, 2, 1]
    assert "2 people, 5 photographs, 3 pairs" in found.understood


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("before,after\nx.jpg,none.jpg\n", "line 2: there is no file none.jpg"),
        ("before,after\nx.jpg,\n", "line 2: a photograph is missing"),
        ("first,second\nx.jpg,y.jpg\n", "Write the columns before and after"),
        ("before,after\n", "lists no pair"),
        ("", "lists no pair"),
    ],
)
def test_a_mistake_in_the_list_is_named_with_its_line(tmp_path, text, says):
    lay(tmp_path, "x.jpg", "y.jpg")
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(RepeatsError, match=says):
        find_repeats(tmp_path)


def test_a_list_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "pairs.csv").write_bytes(b"before,after\n\xff\xfe\x00")
    with pytest.raises(RepeatsError, match="not UTF-8"):
        find_repeats(tmp_path)


def test_no_folder_is_told_so(tmp_path):
    with pytest.raises(RepeatsError, match="is not a folder"):
        find_repeats(tmp_path / "none")


@pytest.mark.parametrize(
    "name", ["../out.jpg", "sub/../../out.jpg", "{out}", "link.jpg", "linked/out.jpg", "../no.jpg"]
)
def test_T05_a_list_reads_nothing_outside_its_folder(tmp_path, name):
    """Whether the file is there is not told either."""
    lay(tmp_path, "out.jpg", "in/x.jpg", "in/sub/y.jpg")
    (tmp_path / "in" / "link.jpg").symlink_to(tmp_path / "out.jpg")
    (tmp_path / "in" / "linked").symlink_to(tmp_path)
    (tmp_path / "in" / "pairs.csv").write_text(
        f"before,after\nx.jpg,{name.format(out=tmp_path / 'out.jpg')}\n"
    )
    with pytest.raises(RepeatsError, match="leads out of"):
        find_repeats(tmp_path / "in")


@pytest.mark.parametrize("name", ["nul\0.jpg", r"..\out.jpg", r"\\host\share\out.jpg", r"C:\out.jpg"])
def test_T05_a_list_with_names_of_another_system_names_no_file(tmp_path, name):
    lay(tmp_path, "out.jpg", "in/x.jpg")
    (tmp_path / "in" / "pairs.csv").write_text(f"before,after\nx.jpg,{name}\n")
    with pytest.raises(RepeatsError):
        find_repeats(tmp_path / "in")


@pytest.mark.parametrize("link", ["anna_2.jpg", "anna/2.jpg", "linked", "pairs.csv", "loop.jpg"])
def test_T05_a_link_out_of_the_folder_is_not_followed(tmp_path, link):
    lay(tmp_path, "out/1.jpg", "out/2.jpg", "in/anna_1.jpg", "in/anna/1.jpg")
    lay(tmp_path, "out/pairs.csv", content=b"before,after\nanna_1.jpg,anna/1.jpg\n")
    targets = {"linked": "out", "pairs.csv": "out/pairs.csv", "loop.jpg": "in/loop.jpg"}
    (tmp_path / "in" / link).symlink_to(tmp_path / targets.get(link, "out/2.jpg"))
    with pytest.raises(RepeatsError, match="leads out of"):
        find_repeats(tmp_path / "in")


def test_T05_a_link_within_the_folder_and_to_it_is_followed(tmp_path):
    lay(tmp_path, "in/anna_1.jpg", "in/kept.jpg")
    (tmp_path / "in" / "anna_2.jpg").symlink_to("kept.jpg")
    (tmp_path / "link").symlink_to("in")
    assert pairs(find_repeats(tmp_path / "link")) == [(1, "anna_1.jpg", "anna_2.jpg")]
