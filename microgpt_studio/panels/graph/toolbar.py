"""The map's tool bar: what is coloured, on which scale, and where one looks."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLabel, QSizePolicy, QToolButton, QWidget

from microgpt_studio.panels.graph.button_row import ButtonRow
from microgpt_studio.panels.graph.map_colors import MEANINGS, Coloring, Norm, Quantity
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.tool_button import tool_button

_GAP, _WIDE_GAP = 4, 12  # pixels
_ICON = 16  # pixels at text scale 1
_LONGEST_TARGET = 180  # pixels at text scale 1
_NORMS = (
    (Norm.ROW.value, "Each row has a scale of its own: the ends are its largest absolute value"),
    (Norm.GRAPH.value, "One scale for the whole graph: the ends are its largest absolute value"),
)
_SYMLOG = "Symmetric-logarithmic colours: small numbers are seen as well"
_ALWAYS = "The absolute value of grad has logarithmic colours always"
_RANKS = "The order of execution has one even scale for the whole graph"
_NO_TARGET = "→ select a scalar"
_TARGET_TIP = "Contributions to the selected scalar (C)"


class Toolbar(ButtonRow):
    """Buttons in one row. It remembers what is chosen, and nothing of the map."""

    coloring_chosen = Signal(object)  # Coloring
    lock_chosen = Signal(bool)
    minimap_chosen = Signal(bool)
    chain_chosen = Signal(bool)
    back_chosen = Signal()
    forward_chosen = Signal()
    fit_chosen = Signal()
    fit_selection_chosen = Signal()
    zoom_in_chosen = Signal()
    zoom_out_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: int | None = None
        self._wordings: tuple[str, ...] = ()  # of the chosen scalar's address, the longest first
        self._wording = ""  # that is shown
        self._offered: tuple[int | None, str] = (None, "")
        self.add(QLabel("colour", self), rank=10)
        self.quantity_choice = self._quantities()
        self.add(self.quantity_choice, gap=_GAP)
        self.target = self._button("", _TARGET_TIP, rank=3, entry="To the selected scalar\tC")
        self.add(QLabel("scale", self), rank=11, gap=_WIDE_GAP)
        self._norms = self._choice(*_NORMS)
        self.symlog = self._button("symlog", _SYMLOG, rank=6, gap=_GAP)
        self.lock = self._button("lock", "Keep this scale, so that colours can be compared between updates", rank=7)
        self.back = self._tool("Earlier view", "Alt+←, Backspace", rank=2, gap=_WIDE_GAP)
        self.forward = self._tool("Later view", "Alt+→", rank=2)
        self.fit_selection = self._tool("Open the selection", "Enter; Esc goes back up", rank=8, gap=_GAP)
        self.zoom_out = self._tool("Smaller", "−", rank=9)
        self.zoom_in = self._tool("Larger", "+", rank=9)
        self.fit = self._tool("The whole document", "0, Home", rank=1)
        self.chain = self._tool("Strongest chain of local derivatives from the selection to the loss", "P", rank=4)
        self.minimap = self._tool("Minimap, while not all of the map is seen", "M", rank=5, gap=_GAP)
        for button in (self.symlog, self.lock, self.chain, self.minimap):
            button.setCheckable(True)
        self.minimap.setChecked(True)
        self.lock.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.target.clicked.connect(self.choose_offered)
        self.symlog.toggled.connect(self._tell_coloring)
        self.quantity_choice.currentIndexChanged.connect(self._tell_quantity)
        self._norms.idToggled.connect(self._tell_coloring)
        self.lock.toggled.connect(self._lock)
        self.minimap.toggled.connect(self.minimap_chosen)
        self.chain.toggled.connect(self.chain_chosen)
        for button, signal in (
            (self.back, self.back_chosen),
            (self.forward, self.forward_chosen),
            (self.fit, self.fit_chosen),
            (self.fit_selection, self.fit_selection_chosen),
            (self.zoom_in, self.zoom_in_chosen),
            (self.zoom_out, self.zoom_out_chosen),
        ):
            button.clicked.connect(signal)
        self._told = self.coloring
        self._draw_icons()
        self.show_ways(back=False, forward=False, selection=False, out=False)

    @property
    def coloring(self) -> Coloring:
        """What is chosen."""
        return Coloring(
            quantity=tuple(Quantity)[self.quantity_choice.currentIndex()],
            norm=tuple(Norm)[self._norms.checkedId()],
            symlog=self.symlog.isChecked(),
            chosen=self._chosen,
        )

    def choose_quantity(self, quantity: Quantity) -> None:
        """As if it were picked from the list."""
        self.quantity_choice.setCurrentIndex(tuple(Quantity).index(quantity))

    def choose_norm(self, norm: Norm) -> None:
        """As if its button were pressed."""
        self._norms.button(tuple(Norm).index(norm)).setChecked(True)

    def choose_scalar(self, scalar: int | None, address: str = "") -> None:
        """The scalar to which contributions are shown from now on."""
        self._chosen = scalar
        parts = address.split(".")
        self._wordings = tuple("→ " + ".".join(parts[first:]) for first in range(len(parts))) if address else ()
        self.target.setToolTip(
            f"Contributions to {address}; to the selected scalar instead: C" if address else _TARGET_TIP
        )
        self.target.setAccessibleName(f"contributions to {address}" if address else "contributions to nothing yet")
        self._show_use()
        self._tell_coloring()

    def choose_contribution(self) -> None:
        """Contributions to the scalar that is selected now, even where there were others."""
        if self.coloring.quantity is Quantity.CONTRIBUTION:
            self.choose_offered()
        else:
            self.choose_quantity(Quantity.CONTRIBUTION)

    def choose_offered(self) -> None:
        """Contributions to the scalar that is selected now."""
        self.choose_scalar(*self._offered)

    def offer_scalar(self, scalar: int | None, address: str) -> None:
        """The selected scalar, which is chosen when contributions are; at once where they wait for one."""
        self._offered = scalar, address
        if self._chosen is None and scalar is not None and self.coloring.quantity is Quantity.CONTRIBUTION:
            self.choose_offered()

    def show_ways(self, *, back: bool, forward: bool, selection: bool, out: bool) -> None:
        """Whether there is an earlier view, a later one, a selection to open, and more of the map to be seen."""
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)
        self.fit_selection.setEnabled(selection)
        self.fit.setEnabled(out)
        self.zoom_out.setEnabled(out)

    def is_wanted(self, widget: QWidget) -> bool:
        return widget is not self.target or self.coloring.quantity is Quantity.CONTRIBUTION

    def width_of(self, widget: QWidget) -> int:
        if widget is not self.target:
            return super().width_of(widget)
        metrics = self.target.fontMetrics()
        frame = self.target.sizeHint().width() - metrics.horizontalAdvance(self.target.text())
        return frame + metrics.horizontalAdvance(self._wording) + 1  # Qt rounds a hint up for some texts

    def spend(self, room: int) -> None:
        """The longest wording of the chosen scalar's address for which there is room."""
        metrics = self.target.fontMetrics()
        most = metrics.horizontalAdvance(self._wording) + room
        most = min(most, current_theme().scaled(_LONGEST_TARGET))
        fitting = (text for text in self._wordings if metrics.horizontalAdvance(text) <= most)
        self._wording = next(fitting, self._wording)

    def arrange(self) -> None:
        self._wording = self._shortest_target()
        super().arrange()
        if self.target.text() != self._wording:  # only then: a new text asks for an arrangement
            self.target.setText(self._wording)

    def theme_changed(self) -> None:
        if hasattr(self, "_told"):
            self._draw_icons()

    def _quantities(self) -> QComboBox:
        choice = QComboBox(self)
        for i, quantity in enumerate(Quantity):
            choice.addItem(quantity.value)
            choice.setItemData(i, MEANINGS[quantity], Qt.ItemDataRole.ToolTipRole)
        choice.setAccessibleName("what is coloured")
        choice.setToolTip(MEANINGS[Quantity.DATA])
        choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return choice

    def _choice(self, *buttons: tuple[str, str]) -> QButtonGroup:
        group = QButtonGroup(self)
        for i, (text, explanation) in enumerate(buttons):
            button = self._button(text, explanation, rank=4, gap=0 if i else _GAP)
            button.setCheckable(True)
            group.addButton(button, i)
            button.setChecked(i == 0)
        return group

    def _tool(self, name: str, keys: str, *, rank: int, gap: int = 0) -> QToolButton:
        """A button at the right that shows an icon."""
        button = self._button("", f"{name} ({keys})", rank=rank, gap=gap, entry=f"{name}\t{keys}", at_end=True)
        button.setAccessibleName(name)
        return button

    def _button(
        self, text: str, explanation: str, *, rank: int, gap: int = 0, entry: str = "", at_end: bool = False
    ) -> QToolButton:
        button = tool_button(text, explanation, self)
        self.add(button, rank=rank, gap=gap, entry=entry or text, at_end=at_end)
        return button

    def _shortest_target(self) -> str:
        text = self._wordings[-1] if self._wordings else _NO_TARGET
        metrics = self.target.fontMetrics()
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, current_theme().scaled(_LONGEST_TARGET))

    def _lock(self, locked: bool) -> None:
        self._draw_icons()
        self.lock_chosen.emit(locked)

    def _tell_quantity(self, *_: object) -> None:
        if self.coloring.quantity is Quantity.CONTRIBUTION and self._told.quantity is not Quantity.CONTRIBUTION:
            self.choose_offered()
        else:
            self._show_use()
            self._tell_coloring()

    def _show_use(self) -> None:
        """Switch off what has no meaning for the quantity."""
        quantity = self.coloring.quantity
        self.quantity_choice.setToolTip(MEANINGS[quantity])
        self.symlog.setEnabled(quantity is not Quantity.MAGNITUDE and not quantity.is_order)
        self.symlog.setToolTip(_RANKS if quantity.is_order else _SYMLOG if self.symlog.isEnabled() else _ALWAYS)
        for button, (_, explanation) in zip(self._norms.buttons(), _NORMS, strict=True):
            button.setEnabled(not quantity.is_order)
            button.setToolTip(_RANKS if quantity.is_order else explanation)
        self.updateGeometry()
        self.arrange()

    def _tell_coloring(self, *_: object) -> None:
        if self.coloring != self._told and self._norms.checkedId() >= 0:
            self._told = self.coloring
            self.coloring_chosen.emit(self._told)

    def _draw_icons(self) -> None:
        palette = current_theme().palette
        self.lock.setIcon(icon(Icon.LOCK if self.lock.isChecked() else Icon.UNLOCK, palette))
        for button, name in (
            (self.back, Icon.BACK),
            (self.forward, Icon.ARROW),
            (self.fit, Icon.ZOOM_FIT),
            (self.fit_selection, Icon.ZOOM_SELECTION),
            (self.zoom_in, Icon.ZOOM_IN),
            (self.zoom_out, Icon.ZOOM_OUT),
            (self.chain, Icon.PATH),
            (self.minimap, Icon.MAP),
        ):
            button.setIcon(icon(name, palette))
        size = current_theme().scaled(_ICON)
        for button in self.findChildren(QToolButton):
            button.setIconSize(QSize(size, size))
