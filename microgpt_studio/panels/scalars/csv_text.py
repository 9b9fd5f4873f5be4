"""Rows as comma-separated values (RFC 4180): every digit, and nothing where there is no number."""

from __future__ import annotations

import csv
import io

from microgpt_studio.debugger.scalar_rows import Order
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.scalars.rows_model import COLUMNS, OF_PARAMETERS, RowsModel


def csv_text(model: RowsModel) -> str:
    """A header and all rows; the columns of parameters only where there are some."""
    rows = model.rows
    assert rows is not None, "there is something to save"
    numbers = [order for order in COLUMNS if order is not None and order is not Order.ADDRESS]
    numbers = [order for order in numbers if rows.has_parameters or order not in OF_PARAMETERS]
    columns = []
    for order in numbers:
        values, reach = rows.number(order)
        known = (reach == Reach.KNOWN).tolist()
        columns.append([repr(value) if there else "" for value, there in zip(values.tolist(), known, strict=True)])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["address", "operation", *(order.value for order in numbers)])
    count = len(rows.ids)
    names = ((model.text(row, 0), model.text(row, 1)) for row in range(count))
    writer.writerows([*name, *cells] for name, cells in zip(names, zip(*columns, strict=True), strict=True))
    return text.getvalue()
