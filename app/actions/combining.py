"""Maps made of the maps that are compared: chosen, given a viewport, and kept up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject

from app.comparison import Name
from app.comparison_maps import Combined, CombineRequest, MatrixRequest
from app.jobs import Jobs
from app.known_figures import question_again
from app.made_maps import made_map
from app.panes import Asked, Changes, Pane, Severity
from app.recipes import Kind, Part, Recipe
from app.session import Session
from explain.method_titles import title_of
from inference.errors import UserError
from inference.records import Attribution, FrameKey

Names = Mapping[int, Name]
"""What compared viewports are called."""

_LARGER = {"1x1": "1x2", "1x2": "1x3", "2x1": "2x2", "1x3": "2x2", "2x2": "2x3"}
"""The layout with room for one more viewport."""

_WAITS = "This map is made as soon as all maps of this slice are there."
_A_CUT = "A plane cut through the scan has no maps of its own; go back to its slices with M."
_NO_ERROR = "This method does not say how sure its map is."


def maps_here(session: Session) -> dict[int, Attribution]:
    """The finished maps of the compared viewports in sight.

    Raises UserError where there are fewer than two, or they are planes cut through a scan.
    """
    found = {
        number: pane.attribution
        for number in session.seats
        for pane in (session.panes[number],)
        if pane.compared and pane.attribution is not None and not pane.attribution.coarse
    }
    if len(found) < 2:
        raise UserError(
            "There are no two maps to set against each other.",
            "Compare two or more, and wait until they are there.",
        )
    if any(session.panes[number].is_cut for number in found):
        raise UserError(
            "These planes were cut through the scan and have no maps of their own.",
            "Compare its slices: go back to them with M.",
        )
    return found


def show_difference(
    session: Session, jobs: Jobs, named: Names, pair: tuple[int, int] | None = None
) -> None:
    """The map of one compared viewport less that of another, in a viewport of its own.

    Without a `pair` it is the active viewport's and the next one's.
    """
    numbers = list(maps_here(session))
    if pair is None:
        one = session.active if session.active in numbers else numbers[0]
        pair = (one, numbers[(numbers.index(one) + 1) % len(numbers)])
    _show(session, jobs, pair[0], _recipe(session, "difference", pair, named))


def show_together(session: Session, jobs: Jobs, named: Names, kind: Kind) -> None:
    """Where the compared maps agree, or how far apart they are there."""
    numbers = tuple(maps_here(session))
    _show(session, jobs, numbers[0], _recipe(session, kind, numbers, named))


def show_error(session: Session, jobs: Jobs) -> None:
    """How sure the map in sight is: its standard error over samples, in a viewport of its own."""
    number = session.active
    pane, card = session.panes[number], session.card_of(number)
    shown = pane.attribution
    if shown is None or card is None or shown.coarse:
        raise UserError("There is no map whose uncertainty could be shown.", "Explain with E.")
    if shown.spread is None:
        raise UserError(
            "This map is no mean over samples, so there is no error to show.",
            "SmoothGrad, Gradient SHAP, RISE and other methods that sample have one.",
        )
    title = title_of(shown.provenance.method or "")
    what = shown.target_words or shown.target_label
    full = " · ".join(word for word in (card.title, title, what, shown.layer or "") if word)
    part = Part(card.model_id, question_again(shown, card, pane), title, full)
    _show(session, jobs, number, Recipe("error", (part,)))


def matrix_request(session: Session) -> tuple[MatrixRequest, tuple[int, ...]]:
    """What is to be known of the compared maps, and the viewports that they are in."""
    maps = maps_here(session)
    found = tuple(maps.values())
    request = MatrixRequest(tuple(one.map for one in found), tuple(one.native for one in found))
    return request, tuple(maps)


def _recipe(session: Session, kind: Kind, numbers: tuple[int, ...], named: Names) -> Recipe:
    return Recipe(
        kind,
        tuple(
            Part(pane.model_id or "", pane.asked, named[number].short, named[number].full)
            for number in numbers
            for pane in (session.panes[number],)
        ),
    )


def _show(session: Session, jobs: Jobs, like: int, recipe: Recipe) -> None:
    """Give a made map a viewport beside the one that it is like."""
    there = [one for one in session.seats if session.panes[one].made == recipe]
    number = there[0] if there else _place(session)
    if not there:
        for what in ("frame", "predict", "explain", "methods", "layers", "stored"):
            jobs.cancel_slot(f"{what}-{number}")
        session.put_pane(number, _pane(session, session.panes[like], recipe))
    session.set_active(number)


def _place(session: Session) -> int:
    """A viewport that is empty, or one more, or one that shows another made map."""
    panes, seats = session.panes, session.seats
    empty = [one for one in seats if panes[one].source_id is None and panes[one].preview is None]
    if not empty and session.layout in _LARGER:
        session.set_layout(_LARGER[session.layout])
        empty = [one for one in session.seats if one not in seats]
    elif session.maximised:
        session.set_maximised(maximised=False)
    made = [one for one in seats if panes[one].made is not None]
    if not (empty or made):
        raise UserError(
            "All six viewports are in use, so there is no room for this map.",
            "Compare fewer maps, or choose a smaller layout.",
        )
    return (empty or made)[0]


def _pane(session: Session, like: Pane, recipe: Recipe) -> Pane:
    assert like.frame is not None
    place = (like.frame.key, recipe.model_id)
    return replace(
        like,
        model_id=recipe.model_id,
        made=recipe,
        compared=False,
        blinked=None,
        prediction=None,
        attribution=session.results.attribution(place),
        methods=(),
        layers=(),
        asked=Asked(recipe.made_of),
        predict_trouble=None,
        explain_trouble=None,
        threshold=0.0,
        scale="image",
        limit=None,
        contours=0.0,
        cells=False,
        caption="",
        caption_severity="plain",
    )


class MadeMaps(QObject):
    """Makes the maps of the viewports that show made ones, whenever what they are made of comes."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._done: dict[tuple[FrameKey, str], tuple[tuple[Attribution, ...], Combined]] = {}
        """By place: what was made there, and of what."""
        self._begun: dict[int, tuple[Attribution, ...]] = {}
        """What the job of each viewport takes."""
        session.changed.connect(self._follow)

    def _follow(self, changes: Changes) -> None:
        if not (changes.frame or changes.results or changes.answered or changes.layout):
            return
        for number in self._session.seats:
            pane = self._session.panes[number]
            if pane.made is not None and pane.frame is not None:
                self._bring_up(number, pane, pane.made)

    def _bring_up(self, number: int, pane: Pane, recipe: Recipe) -> None:
        assert pane.frame is not None
        key, results = pane.frame.key, self._session.results
        found = [results.attribution((key, one.model_id), one.asked) for one in recipe.parts]
        parts = tuple(one for one in found if one is not None and not one.coarse)
        if pane.is_cut or len(parts) < len(found):
            self._say(number, _A_CUT if pane.is_cut else _WAITS)
            return
        made_of, combined = self._done.get((key, recipe.model_id), ((), None))
        if combined is not None and _same(made_of, parts):
            self._say(number, combined.words, "plain" if combined.enough else "doubtful")
        elif recipe.kind == "error":
            self._keep_error(number, recipe, parts)
        elif not (self._jobs.is_running(_slot(number)) and _same(self._begun[number], parts)):
            self._start(number, recipe, parts)

    def _keep_error(self, number: int, recipe: Recipe, parts: tuple[Attribution, ...]) -> None:
        """Nothing is to be reckoned: the method gave its error along with the map."""
        shown = parts[0]
        if shown.spread is None:
            self._say(number, _NO_ERROR)
            return
        words = f"One standard error of the map beside it: {shown.unit or shown.output}."
        self._keep(recipe, parts, Combined(shown.spread, shown.native, words))

    def _start(self, number: int, recipe: Recipe, parts: tuple[Attribution, ...]) -> None:
        self._begun[number] = parts
        request = CombineRequest(
            recipe.kind, tuple(one.map for one in parts), tuple(one.native for one in parts)
        )

        self._jobs.start(
            _slot(number),
            "decode",
            "combine_maps",
            request,
            done=lambda combined: self._keep(recipe, parts, combined),
            failed=self._session.say_error,
        )

    def _keep(self, recipe: Recipe, parts: tuple[Attribution, ...], combined: Combined) -> None:
        self._done[(parts[0].key, recipe.model_id)] = (parts, combined)
        self._session.add_attributions((made_map(recipe, parts, combined),))

    def _say(self, number: int, words: str, severity: Severity = "plain") -> None:
        pane = self._session.panes[number]
        if (pane.caption, pane.caption_severity) != (words, severity):
            self._session.edit_view(number, caption=words, caption_severity=severity)


def _slot(number: int) -> str:
    return f"combine-{number}"


def _same(one: tuple[Attribution, ...], other: tuple[Attribution, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
