"""The Qt style sheet: flat surfaces, hairlines, an 8-pixel grid, colours by role."""

from string import Template

from microgpt_studio.theme.palette import Palette

_SHEET = Template("""
QStatusBar, QToolBar { background: $window; }
QMainWindow::separator { background: $window; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: $border; }
QSplitter::handle { background: $window; }
QSplitter::handle:horizontal { width: 4px; }
QSplitter::handle:vertical { height: 4px; }
QSplitter::handle:hover { background: $border; }

/* Any letter-spacing makes Qt take the dock's own font for its title, not the one of the theme before. */
QDockWidget { color: $muted; letter-spacing: 0px; }
QDockWidget::title { background: $window; padding: ${s4}px ${s8}px; text-align: left; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar { background: $window; border: none; }
QTabBar::tab {
    background: $window; color: $muted; border: none; border-top: 2px solid transparent;
    padding: ${s4}px ${s12}px;
}
QTabBar::tab:selected { background: $surface; color: $text; border-top-color: $accent; }
QTabBar::tab:hover:!selected { color: $text; }
QTabBar::tab:focus { color: $text; }

QToolBar { border: none; border-bottom: 1px solid $border; padding: 4px 8px; spacing: 4px; icon-size: ${s18}px; }
QToolBar::separator { border-left: 1px solid $border; width: 1px; margin: 4px; }
QStatusBar { border-top: 1px solid $border; color: $muted; }
QStatusBar::item { border: none; }

QMenuBar { background: $window; color: $text; }
QMenuBar::item { background: transparent; padding: ${s4}px ${s8}px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $raised; color: $text; border: 1px solid $border; padding: 4px 0; }
QMenu::item { padding: ${s4}px ${s24}px ${s4}px ${s24}px; background: transparent; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $border; margin: 4px 0; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }

QPushButton {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 2px;
    padding: ${s4}px ${s12}px; min-height: ${s16}px;
}
QPushButton:hover { border-color: $faint; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border-color: $accent; }
QPushButton:default { border-color: $muted; }
QPushButton:disabled { color: $faint; background: $surface; }
QToolButton {
    background: transparent; color: $text; border: 1px solid transparent; border-radius: 2px; padding: 3px;
}
QToolButton:hover { background: $raised; border-color: $border; }
QToolButton:pressed { background: $border; }
QToolButton:checked { background: $raised; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton[popupMode="1"] { padding-right: ${s16}px; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: $surface; color: $text; border: 1px solid $border; border-radius: 2px;
    selection-background-color: $selected; selection-color: $text;
}
QLineEdit, QAbstractSpinBox, QComboBox { padding: 2px ${s8}px; min-height: ${s18}px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; background: $window; }
QComboBox { background: $raised; padding-right: ${s20}px; }
QComboBox::drop-down { border: none; width: ${s20}px; subcontrol-position: center right; }
QComboBox::down-arrow, QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow {
    image: none; width: 0; height: 0;
    border-left: 4px solid $field; border-right: 4px solid $field;
}
QComboBox::down-arrow, QAbstractSpinBox::down-arrow { border-top: 4px solid $muted; border-bottom: none; }
QComboBox::down-arrow { border-left-color: $raised; border-right-color: $raised; }
QAbstractSpinBox::up-arrow { border-bottom: 4px solid $muted; border-top: none; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off { border-bottom-color: $border; }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off { border-top-color: $border; }
QAbstractSpinBox { padding-right: ${s20}px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border: none; width: ${s20}px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border: none; width: ${s20}px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; outline: none; padding: 4px 0; }
QComboBox QAbstractItemView::item { min-height: ${s24}px; padding: 0 ${s8}px; }

QCheckBox, QRadioButton { spacing: ${s8}px; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator, QMenu::indicator {
    width: ${s8}px; height: ${s8}px; padding: 2px; border: 1px solid $faint; border-radius: 2px;
    background: transparent; background-clip: content; background-origin: content;
}
QRadioButton::indicator { border-radius: ${round_8}px; }
QMenu::indicator { left: ${s8}px; }
QMenu::icon { padding-left: ${s8}px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked, QAbstractItemView::indicator:checked,
QMenu::indicator:checked { background-color: $text; border-color: $muted; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $text; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled { background-color: $faint; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }

QSlider::groove:horizontal { height: 2px; background: $border; }
QSlider::sub-page:horizontal { background: $muted; }
QSlider::handle:horizontal {
    background: $text; width: 8px; height: ${s16}px; margin: -${s7}px 0; border-radius: 2px;
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::handle:horizontal:disabled { background: $faint; }
QSlider::groove:vertical { width: 2px; background: $border; }
QSlider::add-page:vertical { background: $muted; }
QSlider::handle:vertical {
    background: $text; height: 8px; width: ${s16}px; margin: 0 -${s7}px; border-radius: 2px;
}
QSlider::handle:vertical:hover, QSlider::handle:vertical:focus { background: $accent; }
QProgressBar {
    background: $window; color: $text; border: 1px solid $border; border-radius: 2px; text-align: center;
}
QProgressBar::chunk { background: $muted; }

QAbstractItemView {
    background: $surface; color: $text; border: none; outline: none; gridline-color: $border;
    alternate-background-color: $window;
    selection-background-color: $selected; selection-color: $text;
}
QAbstractItemView::item { padding: 2px 4px; }
QAbstractItemView::item:selected { background: $selected; color: $text; }
QHeaderView { background: $surface; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; border-bottom: 1px solid $border; padding: 4px;
}
QTableCornerButton::section { background: $surface; border: none; border-bottom: 1px solid $border; }

QScrollArea { border: none; background: transparent; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $border; border: 2px solid $surface; border-radius: 4px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QGroupBox { border: none; margin-top: ${s24}px; }
QGroupBox::title { subcontrol-origin: margin; color: $muted; left: 0; }
""")

_LENGTHS = (4, 7, 8, 12, 16, 18, 20, 24)


def style_sheet(palette: Palette, text_scale: float) -> str:
    """The sheet for the whole application; lengths that hold text grow with `text_scale`."""
    lengths = {f"s{length}": str(round(length * text_scale)) for length in _LENGTHS}
    indicator = round(8 * text_scale) + 6  # with padding and border; Qt draws no radius above the half
    colors = {name: getattr(palette, name) for name in palette.__dataclass_fields__}
    return _SHEET.substitute(colors, field=palette.surface, round_8=str(indicator // 2), **lengths)
