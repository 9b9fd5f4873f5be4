"""The page of the ledger: Adam's update of the selected parameter as equations with numbers."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.panels.optimizer.equations import Account, standing_account, update_account, waiting_account
from microgpt_studio.panels.optimizer.ledger_view import LedgerView
from microgpt_studio.panels.optimizer.page import Page


class LedgerPage(Page):
    """One update of one parameter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(None, parent)
        self.view = LedgerView()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 8)
        column.addWidget(self.view)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self.setFocusProxy(self.view)

    def refresh(self) -> None:
        self.view.set_account(self._account())

    def _account(self) -> Account:
        numbers = self.snapshot.parameters if self.snapshot else None
        if self.snapshot is None or self.description is None or self.parameter is None or numbers is None:
            return waiting_account()
        moment, adam = self.snapshot.moment, self.description.settings.adam
        if self.parameter >= numbers.num_updated:
            return standing_account(numbers, moment, adam, self.parameter)
        ledger = adam_ledger(adam, numbers, moment.update, moment.num_steps, self.parameter)
        return update_account(ledger, adam, moment.num_steps)
