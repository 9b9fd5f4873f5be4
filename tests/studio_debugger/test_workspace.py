"""The workspace: what survives the program, in which session, and what a damaged file does."""

import json

import pytest

from microgpt.settings import Settings
from microgpt_studio.debugger import workspace
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.debugger.workspace import WorkspaceError

SETTINGS = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20)
DOCUMENTS = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]


@pytest.fixture
def full(session: Session) -> Session:
    """A session with one of everything."""
    session.breakpoints.add(Definition(Event.CONDITION, condition="loss > 3"))
    session.watches.add("wte[0,0]")
    session.set_bookmark(Place(3, 7), True)
    session.set_bookmark(None, None)
    return session


def other(session: Session, **changes: object) -> Session:
    """Another session on the same program."""
    program = session.description.program
    settings = Settings(**{**{name: getattr(SETTINGS, name) for name in SETTINGS.__dataclass_fields__}, **changes})
    return Session(settings, session.documents, program, "names")


def test_everything_is_there_again(full, tmp_path):
    file = tmp_path / "kept" / "workspace.json"
    workspace.write(file, workspace.as_json(full))
    again = other(full)
    workspace.adopt_file(file, again)
    assert workspace.as_json(again) == workspace.as_json(full)
    assert again.bookmarks == {Place(3, 7), Place(0, 0)}
    assert [watch.text for watch in again.watches] == ["wte[0,0]"]


def test_no_file_changes_nothing(full, tmp_path):
    before = workspace.as_json(full)
    workspace.adopt_file(tmp_path / "none.json", full)
    assert workspace.as_json(full) == before


def test_bookmarks_belong_to_one_training(full):
    same, another = other(full), other(full, seed=7)
    for session in (same, another):
        workspace.adopt(workspace.as_json(full), session)
    assert same.bookmarks == full.bookmarks
    assert another.bookmarks == set()
    assert len(another.breakpoints) == len(another.watches) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "another version"),
        ({"breakpoints": []}, "not an object but list"),
        ({"watches": None}, "not an object but NoneType"),
        ({"bookmarks": 3}, "no list"),
        ({"bookmarks": [[1]]}, "no moment"),
        ({"bookmarks": [[1, -1]]}, "no moment"),
        ({"bookmarks": [[True, 1]]}, "no moment"),
    ],
)
def test_a_damaged_form_changes_nothing(full, change, words):
    plain = {**workspace.as_json(full), **change}
    again = other(full)
    before = workspace.as_json(again)
    with pytest.raises(WorkspaceError, match=words):
        workspace.adopt(plain, again)
    assert workspace.as_json(again) == before


@pytest.mark.parametrize("content", ["", "{", '{"version": 1}', "[" * 100_000])
def test_a_damaged_file_is_kept_aside(session, tmp_path, content):
    file = tmp_path / "workspace.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="not restored"):
        workspace.adopt_file(file, session)
    assert not file.exists()
    assert file.with_suffix(".damaged").read_text(encoding="utf-8") == content


def test_a_place_that_cannot_be_written_is_named(full, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be saved to"):
        workspace.write(tmp_path / "file" / "workspace.json", workspace.as_json(full))


def test_the_form_is_plain_json(full):
    assert json.loads(json.dumps(workspace.as_json(full), allow_nan=False)) == workspace.as_json(full)
