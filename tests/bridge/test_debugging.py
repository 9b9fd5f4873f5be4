"""The worker as a debugger: breakpoints, watches, histories, questions, and what survives the program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.events import Accepted, Answered, EditRefused, Logged, Refused, Searching, Stopped
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question, Was
from microgpt_studio.debugger.snapshot import Snapshot, Wanted, WantedHistory
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.debugger.targets import Definition, Event

if TYPE_CHECKING:
    from tests.bridge.conftest import Crew

Small = Callable[..., Settings]

WEIGHT = "layer0.attn_wq[0,0]"


def break_at(crew: Crew, definition: Definition) -> None:
    command = commands.AddBreakpoint(definition)
    crew.submit(command)
    assert crew.event(Accepted).command is command


def standing(snapshot: Snapshot) -> bool:
    return not snapshot.pace.running


def test_a_condition_stops_the_run_and_says_so(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.CONDITION, condition="step == 40"))
    crew.submit(commands.Run())
    stopped = crew.event(Stopped)
    assert (stopped.step, stopped.stop.reason, stopped.stop.breakpoint) == (40, Reason.BREAKPOINT, 1)
    snapshot = crew.seen(lambda s: standing(s) and s.moment.step == 40)
    assert snapshot.moment.stop == stopped.stop
    assert [row.hits for row in snapshot.breakpoints] == [1]
    assert snapshot.breakpoints[0].hit_updates.tolist() == [40]
    crew.submit(commands.Step())
    assert crew.seen(lambda s: standing(s) and s.moment.step == 41).moment.stop is None


def test_a_step_ends_at_a_breakpoint_within_it(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.GRADIENT, WEIGHT))
    crew.submit(commands.Take(Move.OVER, Grain.UPDATE))
    stopped = crew.event(Stopped)
    assert (stopped.step, stopped.stop.breakpoint) == (0, 1)
    crew.submit(commands.Take(Move.OVER, Grain.UPDATE))
    assert crew.seen(lambda s: s.moment.step == 1).moment.stop is None


def test_steps_that_come_quickly_are_all_done(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.CONDITION, condition="loss < 0"))
    crew.submit(*(commands.Take(Move.OVER, Grain.UPDATE) for _ in range(20)))
    crew.standing_at(20)
    crew.submit(*(commands.Take(Move.INTO, Grain.UPDATE) for _ in range(20)))
    crew.seen(lambda s: standing(s) and s.moment.cursor.done == 20)


def test_a_slow_run_stops_too(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.UPDATED, WEIGHT))
    crew.submit(commands.LimitSpeed(1000), commands.Choose(Grain.TENSOR), commands.Run())
    stopped = crew.event(Stopped)
    assert (stopped.stop.place.updates, stopped.stop.reason) == (0, Reason.BREAKPOINT)


def test_logpoints_write_while_training_goes_on(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.CONDITION, condition="step % 10 == 0", message="{step}: {loss}"))
    crew.submit(commands.Run(50))
    written = []
    while len(written) < 5:
        written += crew.event(Logged).lines
    losses = crew.standing_at(50).losses
    assert [line.text for line in written] == [f"{step}: {float(losses[step - 1])!r}" for step in (10, 20, 30, 40, 50)]


def test_back_to_the_last_breakpoint(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(300))
    crew.standing_at(300)
    crew.event(Stopped)
    break_at(crew, Definition(Event.CONDITION, condition="step % 70 == 0"))
    for step in (280, 210):
        crew.submit(commands.RunBack())
        assert (crew.event(Stopped).step, crew.standing_at(step).moment.step) == (step, step)
    assert [row.hits for row in crew.standing_at(210).breakpoints] == [0]  # going back counts nothing
    crew.submit(commands.RemoveBreakpoint(1), commands.RunBack())
    stopped = crew.event(Stopped)
    assert (stopped.step, stopped.stop.reason) == (0, Reason.START)


def test_a_pause_gives_a_search_up(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(400))
    crew.standing_at(400)
    crew.event(Stopped)
    break_at(crew, Definition(Event.CONDITION, condition="step < 0"))
    crew.submit(commands.RunBack(), commands.Pause())
    stopped = crew.event(Stopped)
    assert (stopped.step, stopped.stop.reason) == (400, Reason.CANCELLED)
    assert crew.standing_at(400).moment.stop is None


def test_a_long_search_tells_how_far_it_is(crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt_studio.bridge.worker._SEARCH_INTERVAL", 0.0)
    crew.begin(small())
    crew.submit(commands.Run(100))
    crew.standing_at(100)
    break_at(crew, Definition(Event.CONDITION, condition="step < 0"))
    crew.submit(commands.RunBack())
    searching = crew.event(Searching)
    assert 0 <= searching.done <= searching.total
    assert searching.total >= 100
    assert crew.event(Stopped).stop.reason is Reason.START


def test_run_to_a_scalar_comes_to_each_of_its_news(crew: Crew, small: Small) -> None:
    description = crew.begin(small()).description
    scalar = description.addresses.parse(WEIGHT)
    crew.submit(commands.RunTo(scalar))
    first = crew.event(Stopped).stop
    crew.submit(commands.RunTo(scalar))
    second = crew.event(Stopped).stop
    assert first.reason is second.reason is Reason.UNTIL
    assert first.place.updates == second.place.updates == 0
    snapshot = crew.seen(lambda s: standing(s) and s.moment.cursor.done == second.place.done)
    assert snapshot.breakpoints == ()
    crew.submit(commands.Run(3))
    assert crew.event(Stopped).step == 3  # the aim is forgotten


def test_back_to_a_line_or_a_scalar(crew: Crew, small: Small) -> None:
    description = crew.begin(small()).description
    crew.submit(commands.Run(3))
    crew.standing_at(3)
    crew.event(Stopped)
    crew.submit(commands.RunBack(description.addresses.parse(WEIGHT)))
    updated = crew.event(Stopped).stop
    assert (updated.reason, updated.place.updates) == (Reason.UNTIL, 2)
    frame = description.program.sites[description.program.site[description.program.loss]][0]
    crew.submit(commands.RunBack(f"{frame.file}:{frame.line}"))
    line = crew.event(Stopped).stop
    assert (line.reason, line.place.updates) == (Reason.UNTIL, 2)
    assert line.place < updated.place


def test_run_to_a_line(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.RunTo("model.py:1"))
    assert "model.py:1 makes no scalar" in crew.event(Refused).sentence
    crew.submit(commands.RunTo("nothing"))
    assert "nothing" in crew.event(Refused).sentence


def test_edits_are_answered(crew: Crew, small: Small) -> None:
    crew.begin(small())
    wrong = commands.AddBreakpoint(Definition(Event.CONDITION, condition="loss > abs(nothing)"))
    crew.submit(wrong)
    refused = crew.event(EditRefused)
    assert refused.command is wrong
    assert (refused.field, refused.position) == ("condition", 11)
    nowhere = commands.AddBreakpoint(Definition(Event.COMPUTED, "pos99.loss"))
    crew.submit(nowhere)
    assert "there is no position 99" in crew.event(EditRefused).sentence
    gone = commands.RemoveBreakpoint(7)
    crew.submit(gone)
    assert crew.event(EditRefused).command is gone
    watch = commands.AddWatch("loss +")
    crew.submit(watch)
    assert crew.event(EditRefused).command is watch
    for edit in (
        commands.AddBreakpoint(Definition(Event.UPDATE, "7")),
        commands.ReplaceBreakpoint(1, Definition(Event.UPDATE, "8")),
        commands.EnableBreakpoint(1, False),
        commands.BreakOnNonfinite(True),
        commands.ForgetHits(),
        commands.AddWatch("loss * 2"),
        commands.ReplaceWatch(1, "loss * 3"),
        commands.SetBookmark(),
    ):
        crew.submit(edit)
        assert crew.event(Accepted).command is edit
    crew.submit(commands.Show(Wanted(number=1, watches=True)))
    snapshot = crew.seen(lambda s: s.wanted.number == 1)
    row = snapshot.breakpoints[0]
    assert (row.definition.where, row.enabled, snapshot.break_on_nonfinite) == ("8", False, True)
    assert [watch.text for watch in snapshot.watches or ()] == ["loss * 3"]
    assert snapshot.bookmarks == (Place(0, 0),)
    crew.submit(commands.RemoveWatch(1), commands.SetBookmark(), commands.RemoveBreakpoint(1))
    empty = crew.seen(lambda s: not s.breakpoints)
    assert (empty.watches, empty.bookmarks) == ((), ())


def test_a_bookmark_leads_back_to_its_moment(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(20))
    crew.standing_at(20)
    crew.submit(commands.Take(Move.INTO, Grain.UPDATE))
    there = crew.seen(lambda s: standing(s) and s.moment.cursor.done == 1)
    crew.submit(commands.SetBookmark(), commands.Restart())
    crew.standing_at(0)
    crew.submit(commands.GoToPlace(Place(20, 1)))
    back = crew.seen(lambda s: standing(s) and s.moment.step == 20)
    assert (back.moment, back.bookmarks) == (there.moment, (Place(20, 1),))
    crew.submit(commands.GoToPlace(Place(10**9, 0)))
    assert "cannot be visited" in crew.event(Refused).sentence


def test_a_question_is_answered_and_gone_to(crew: Crew, small: Small) -> None:
    description = crew.begin(small()).description
    scalar = description.addresses.parse(WEIGHT)
    crew.submit(commands.Run(200), commands.Show(Wanted(number=1, history=WantedHistory(Quantity.DATA, scalar))))
    snapshot = crew.seen(lambda s: s.history is not None and len(s.history.values) == 200)
    assert snapshot.history is not None
    values = snapshot.history.values
    level = float(np.median(values))
    crossings = np.flatnonzero((values[1:] > level) != (values[:-1] > level)) + 1
    crew.submit(commands.Ask(Question(Was.CROSSED, Quantity.DATA, scalar, level)))
    answered = crew.event(Answered)
    assert answered.found
    crew.standing_at(int(crossings[-1]) + 1)
    crew.submit(commands.Ask(Question(Was.CROSSED, Quantity.DATA, scalar, None)))
    assert "level" in crew.event(Refused).sentence


def test_a_history_grows_with_the_run(crew: Crew, small: Small) -> None:
    description = crew.begin(small()).description
    scalar = description.addresses.parse(WEIGHT)
    crew.submit(commands.Show(Wanted(number=1, history=WantedHistory(Quantity.GRAD, scalar))), commands.Run(64))
    first = crew.seen(lambda s: standing(s) and s.history is not None and len(s.history.values) == 64).history
    crew.submit(commands.Run(100))
    second = crew.seen(lambda s: standing(s) and s.history is not None and len(s.history.values) == 100).history
    assert first is not None
    assert second is not None
    assert np.array_equal(first.values, second.values[:64])


def test_a_history_of_another_session_is_not_computed(crew: Crew, small: Small) -> None:
    description = crew.begin(small()).description
    last = description.program.loss
    crew.submit(commands.Start(small(block_size=2)))
    crew.submit(commands.Show(Wanted(number=5, history=WantedHistory(Quantity.DATA, last))))
    assert crew.seen(lambda s: s.wanted.number == 5).history is None


def test_breakpoints_go_over_into_the_next_session(crew: Crew, small: Small) -> None:
    crew.begin(small())
    break_at(crew, Definition(Event.UPDATED, "wte[3,7]"))
    break_at(crew, Definition(Event.UPDATE, "9"))
    crew.submit(commands.AddWatch("wte[3,7]"), commands.SetBookmark(Place(3, 0), True))
    crew.begin(small(n_embd=4))
    crew.submit(commands.Show(Wanted(number=1, watches=True)))
    snapshot = crew.seen(lambda s: s.wanted.number == 1)
    assert [row.problem is None for row in snapshot.breakpoints] == [False, True]
    assert [watch.reason is None for watch in snapshot.watches or ()] == [False]
    assert snapshot.bookmarks == ()  # of another training
    crew.submit(commands.Run())
    assert crew.event(Stopped).stop.breakpoint == 2


def test_the_workspace_survives_the_program(hire: Callable[..., Crew], small: Small, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "workspace.json"
    crew = hire(file)
    crew.begin(small())
    break_at(crew, Definition(Event.CONDITION, condition="loss < 0"))
    crew.submit(commands.AddWatch("loss"), commands.SetBookmark(Place(3, 5), True))
    crew.seen(lambda s: bool(s.bookmarks))
    crew.worker.stop()
    again = hire(file)
    again.begin(small())
    again.submit(commands.Show(Wanted(number=1, watches=True)))
    snapshot = again.seen(lambda s: s.wanted.number == 1)
    assert [row.definition.condition for row in snapshot.breakpoints] == ["loss < 0"]
    assert [watch.text for watch in snapshot.watches or ()] == ["loss"]
    assert snapshot.bookmarks == (Place(3, 5),)
    again.worker.stop()
    file.write_text('{"version": 1}', encoding="utf-8")
    third = hire(file)
    third.begin(small())
    assert "not restored" in third.event(Refused).sentence
    assert json.loads(file.with_suffix(".damaged").read_text(encoding="utf-8")) == {"version": 1}


def test_a_parameter_that_is_kept_goes_on_and_a_wrong_one_is_refused(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(3))
    crew.standing_at(3)
    crew.submit(commands.Keep(5, 0.5), commands.Show(Wanted(number=7, parameters=True)))
    snapshot = crew.seen(lambda snapshot: snapshot.wanted.number == 7)
    assert snapshot.moment.step == 3
    assert snapshot.parameters is not None
    assert snapshot.parameters.before[5] == 0.5
    crew.submit(commands.Keep(5, float("inf")))
    assert "finite" in crew.event(Refused).sentence
