"""The Attention panel: every layer's heads as heatmaps of queries and keys, and one of them term by term."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from microgpt_studio.debugger.attention_terms import AttentionRows, HeadTerms
from microgpt_studio.debugger.earlier_weights import EarlierWeights
from microgpt_studio.debugger.head_labels import HeadPatterns
from microgpt_studio.debugger.head_places import head_name
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.attention.following import pair_of
from microgpt_studio.panels.attention.footer import Footer
from microgpt_studio.panels.attention.header import Header
from microgpt_studio.panels.attention.heads import AttentionHeads
from microgpt_studio.panels.attention.quantity import Quantity
from microgpt_studio.panels.attention.terms_blocks import blocks
from microgpt_studio.panels.attention.terms_sheet import TermsSheet
from microgpt_studio.panels.attention.words import at_position, character
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState, full, short

_BESIDE_FROM = 320  # pixels of width at text scale 1: the enlarged head and its terms stand side by side
_BELOW_FROM = 330  # pixels of height at text scale 1: else below it, or else they are alone
_HEAD_SHARE = 0.4  # of the width that the enlarged head takes then at most
_TERMS = 236  # pixels at text scale 1 that its terms take then at least


class AttentionPanel(Panel):
    """The heads of the current document at a glance; one of them term by term after a click on its title or Enter."""

    name: ClassVar[str] = "attention"
    title: ClassVar[str] = "Attention"
    parts: ClassVar[Part] = Part.CELLS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header()
        self.quantity_choice, self.legend, self.since = (
            self.header.quantity_choice,
            self.header.legend,
            self.header.since,
        )
        self.heads = AttentionHeads()
        self.terms = TermsSheet(self._address)
        self.split = QSplitter()
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.heads)
        self.split.addWidget(self.terms)
        self.terms.hide()
        self.footer = Footer()
        self.empty = EmptyState("No document yet. Open a data set to see who looks at whom.")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.header, self.split, self.footer, self.empty):
            box.addWidget(widget, int(widget in (self.split, self.empty)))
        self._query, self._key = 0, 0  # of the enlarged head
        self._shown: tuple[int, int, Moment] | None = None  # head, and moment, of the terms on the sheet
        self._shape = False, False  # whether it is wide, and high, enough for a heatmap beside, or above, the terms
        self._show_empty(True)
        self.setFocusProxy(self.heads)
        self.quantity_choice.currentIndexChanged.connect(self._choose_quantity)
        self.since.chosen.connect(self._choose_since)
        self.header.back.clicked.connect(self._show_all)
        self.header.query_chosen.connect(self._choose_query)
        self.heads.chosen.connect(self._select)
        self.heads.pointed_changed.connect(self._show_footer)
        self.heads.enlarged_changed.connect(self._show_enlarged)
        self.terms.chosen.connect(self.selected)
        self.terms.key_chosen.connect(self._choose_key)
        self.terms.escaped.connect(self._show_all)
        self.terms.paged.connect(self._page)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        asked: list[Inquiry[object]] = [AttentionRows(), HeadPatterns()]
        if self.heads.quantity is Quantity.CHANGE:
            asked.append(self._earlier)
        if self._terms is not None:
            asked.append(self._terms)
        return asked

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.heads.enlarge(None)
        self.heads.show_session(description)
        self.terms.show_blocks(())
        self.since.begin(description.settings.num_steps)
        self._query = self._key = 0
        self._shown = None
        self._show_empty(True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if snapshot.cells is not None:
            change = snapshot.answer(self._earlier) if self.heads.quantity is Quantity.CHANGE else None
            self.heads.show_cells(snapshot.cells, snapshot.moment, snapshot.answer(AttentionRows()), change)
            self.heads.select_scalar(self.selection)
            if self._is_empty:
                self._show_empty(False)
                self._fit()

    def show_text(self, snapshot: Snapshot) -> None:
        """The scale is fitted here, with its figures, so that legend and colours always agree."""
        super().show_text(snapshot)
        change = snapshot.answer(self._earlier)
        moved = change is not None and self.since.show_first(change.first)
        if self.since.show_moment(snapshot.moment.update - 1, snapshot.bookmarks) or moved:
            self.wishes_changed.emit()
        if snapshot.cells is None:
            return
        measures = snapshot.answer(HeadPatterns())
        if measures is not None:  # it is not due with every text
            self.heads.show_labels(measures)
        self._fit()
        self._show_terms()
        self._show_footer()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self.heads.select_scalar(scalar)
        self.terms.select_scalar(scalar)
        self._follow(scalar)
        self._show_footer()

    @property
    def _earlier(self) -> EarlierWeights:
        return EarlierWeights(self.since.value)

    @property
    def _terms(self) -> HeadTerms | None:
        """What is asked about the enlarged head."""
        if self.heads.enlarged is None or self.description is None:
            return None
        return HeadTerms(*divmod(self.heads.enlarged, self.description.program.config.n_head), self._query)

    def _address(self, scalar: int) -> str:
        assert self.description is not None
        return self.description.addresses.format(scalar)

    def _show_empty(self, empty: bool) -> None:
        self._is_empty = empty
        self.empty.setVisible(empty)
        for widget in (self.header, self.split, self.footer):
            widget.setVisible(not empty)

    def _fit(self) -> None:
        self.heads.fit()
        self.legend.set_scale(self.heads.scale)
        self.legend.set_hatched_text("" if self.heads.all_known else "not computed")

    def _choose_quantity(self, index: int) -> None:
        self.heads.set_quantity(list(Quantity)[index])
        self.heads.select_scalar(self.selection)
        self._split_up()
        self._fit()
        self._show_footer()
        self.wishes_changed.emit()

    def _choose_since(self, _updates: int) -> None:
        self.wishes_changed.emit()

    def _choose_key(self, key: int) -> None:
        self._look_at(self._query, key)

    def _choose_query(self, query: int) -> None:
        self._look_at(query, min(self._key, query))

    def _page(self, step: int) -> None:
        self._choose_query(min(max(self.header.query.value() + step, 0), self.header.query.maximum()))

    def _look_at(self, query: int, key: int) -> None:
        """Show another query or key of the enlarged head."""
        if query != self._query:
            self._query, self._key = query, key
            self.wishes_changed.emit()
        elif key != self._key:
            self._key = key
            self._show_terms()

    def _follow(self, scalar: int | None) -> None:
        """Show the query and the key that a selected scalar of the enlarged head is about."""
        asked = self._terms
        if asked is None or self.description is None:
            return
        pair = pair_of(self.description.program, scalar)
        if pair is not None and (pair.layer, pair.head) == (asked.layer, asked.head):
            self._look_at(pair.query, self._key if pair.key is None else pair.key)

    def _show_all(self) -> None:
        self.heads.enlarge(None)
        self.heads.setFocus()

    def _show_enlarged(self) -> None:
        alone = self.heads.enlarged is not None
        self.terms.setVisible(alone)
        if alone and self.snapshot is not None:
            self._query = max(self.snapshot.moment.positions - 1, 0)
            self._key = self._query
            self._follow(self.selection)
        self._split_up()
        self._show_terms()
        self.wishes_changed.emit()

    def _split_up(self) -> None:
        """Share out the room between the enlarged head and its terms."""
        theme, alone = current_theme(), self.heads.enlarged is not None
        beside = self.width() >= theme.scaled(_BESIDE_FROM)
        heatmap = not alone or beside or self.height() >= theme.scaled(_BELOW_FROM)
        if self.heads.hasFocus() and not heatmap:
            self.terms.setFocus()
        self.heads.setVisible(heatmap)
        self.setFocusProxy(self.heads if heatmap else self.terms)
        self.header.show_tools(alone=alone, heatmap=heatmap, since=self.heads.quantity is Quantity.CHANGE)
        if not alone:
            return
        size = self.split.size()
        self.split.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        length = size.width() if beside else size.height()
        widest = min(size.width() - theme.scaled(_TERMS), size.height())
        head = min(round(size.width() * _HEAD_SHARE), widest) if beside else round(length * 0.45)
        self.split.setSizes([head, max(length - head, 1)])

    def _show_terms(self) -> None:
        """The latest answer about the enlarged head, as far as it is about this one."""
        asked, snapshot, description = self._terms, self.snapshot, self.description
        terms = snapshot.answer(asked) if asked is not None and snapshot is not None else None
        if terms is None or snapshot is None or description is None:
            if asked is None or snapshot is None or self._shown != (asked.layer, asked.head, snapshot.moment):
                self._shown = None
                self.terms.show_blocks(())
            return
        characters = [character(description, token) for token in snapshot.moment.tokens]
        self._shown = terms.layer, terms.head, snapshot.moment
        key = min(self._key, terms.query)
        self.heads.mark(terms.query, key)
        self.header.show_query(terms.query, snapshot.moment.positions)
        name = head_name(terms.layer, terms.head, description.program.config.n_layer)
        self.terms.show_blocks(blocks(terms, name, characters, key))
        self.terms.select_scalar(self.selection)

    def _show_footer(self) -> None:
        """What is compared, or what the row under the pointer, or else of the selection, adds up to."""
        text, tip = "", ""
        snapshot, description, pointed = self.snapshot, self.description, self.heads.pointed
        if snapshot is None or description is None:
            self.footer.say("", "")
            return
        moment, rows = snapshot.moment, snapshot.answer(AttentionRows())
        if self.heads.quantity is Quantity.CHANGE:
            text, tip = self._comparison(snapshot)
        elif pointed is not None and rows is not None and pointed[1] < moment.positions:
            tile, query, _ = pointed
            total = float(rows.weight_sum[(*divmod(tile, description.program.config.n_head), query)])
            last = snapshot.cells is not None and self.heads.row_is_known(tile, query)
            number = (short(total), full(total)) if last else ("–", "not computed yet")
            text = f"query {at_position(description, moment.tokens, query)}: its weights add up to {number[0]}"
            tip = f"{text.removesuffix(number[0])}{number[1]}\nadded up from key 0 on, as floating-point numbers"
        self.footer.say(text, tip)

    def _comparison(self, snapshot: Snapshot) -> tuple[str, str]:
        change, since = snapshot.answer(self._earlier), self.since.value
        if change is None or change.then is None:
            reason = change.reason if change is not None else None
            return f"no difference: {reason}" if reason else "no difference yet", reason or ""
        text = f"now − after update {since}, both over “{snapshot.moment.document}”"
        return text, (
            f"The weights of the present document “{snapshot.moment.document}”, now, minus those that the parameters\n"
            f"after update {since} give for the same document: it is run forward once more with them."
        )

    def _select(self, cell: int) -> None:
        self.selected.emit(int(self.heads.ids[cell]))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(300), theme.scaled(250))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        theme = current_theme()
        shape = event.size().width() >= theme.scaled(_BESIDE_FROM), event.size().height() >= theme.scaled(_BELOW_FROM)
        if shape != self._shape:
            self._shape = shape
            self._split_up()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._split_up()
