"""Compiled loops over what is inside open cells: thousands of places and edges that are found anew for every frame."""

from __future__ import annotations

from microgpt.program.kernels import compiled

SIDE = 0.02  # of a cell's width, left and right of the terms
GAP_X, GAP_Y = 0.14, 0.24  # of a slot, between a box and the next
BAND_GAP = 0.25  # of a slot's height, below a band
MOST_PIECES = 5  # straight ones of which an edge is made


@compiled
def place_boxes(cells, columns, rows, cell_boxes, header, slots, wrap, rows_of, opens, left, top, width, height):  # type: ignore[no-untyped-def]
    """Write where boxes are (n,), each in a column and a row of a cell; in a cell that does not open, the whole cell.

    `cell_boxes` are left, top, width and height of all C cells, `slots` width and height of their slots.
    """
    cell_left, cell_top, cell_width, cell_height = cell_boxes
    slot_width, slot_height = slots
    for k in range(len(cells)):
        c = cells[k]
        if not opens[c]:
            left[k], top[k], width[k], height[k] = cell_left[c], cell_top[c], cell_width[c], cell_height[c]
            continue
        band, place = columns[k] // wrap[c], columns[k] % wrap[c]
        left[k] = cell_left[c] + SIDE * cell_width[c] + (place + GAP_X / 2) * slot_width[c]
        down = band * (rows_of[c] + BAND_GAP) + rows[k] + GAP_Y / 2
        top[k] = cell_top[c] + header * cell_height[c] + down * slot_height[c]
        width[k], height[k] = (1 - GAP_X) * slot_width[c], (1 - GAP_Y) * slot_height[c]


@compiled
def route(cells, slots, start, end, second, along, share, label_x, label_y, room, pieces, piece_share):  # type: ignore[no-untyped-def]
    """Write how edges (n,) run between boxes `start` and `end` (left, top, width, height), and where labels have room.

    Returns how many straight pieces (m, 4) there are. `along` are the edges within a running sum. All in map units.
    """
    slot_width, slot_height = slots
    start_left, start_top, start_width, start_height = start
    end_left, end_top, end_width, end_height = end
    count = 0
    for k in range(len(cells)):
        across, down = slot_width[cells[k]], slot_height[cells[k]]
        gap_x, gap_y = GAP_X * across, GAP_Y * down
        start_x, start_y = start_left[k] + start_width[k] / 2, start_top[k] + start_height[k] / 2
        end_x, end_y = end_left[k] + end_width[k] / 2, end_top[k] + end_height[k] / 2
        right = start_left[k] + start_width[k]
        rows_between = round((end_top[k] - start_top[k]) / down)
        label_x[k], label_y[k], room[k] = end_x, end_top[k] - gap_y / 2, end_width[k] / 2
        first = count
        if along[k] and rows_between != 0:  # on to the next band, below its own
            out, below = right + gap_x / 2, start_top[k] + start_height[k] + gap_y / 2 + BAND_GAP * down / 2
            turn = end_left[k] - gap_x / 2
            count = _add(pieces, count, right, start_y, out, start_y)
            count = _add(pieces, count, out, start_y, out, below)
            count = _add(pieces, count, out, below, turn, below)
            count = _add(pieces, count, turn, below, turn, end_y)
            count = _add(pieces, count, turn, end_y, end_left[k], end_y)
            room[k] = 0.0
        elif along[k]:
            count = _add(pieces, count, right, start_y, end_left[k], end_y)
            label_x[k], label_y[k], room[k] = right, start_y - gap_y / 2, gap_x
        elif abs(start_left[k] - end_left[k]) < 0.5 * across and rows_between > 1:  # past a box: beside the column
            lane = end_left[k] - gap_x * (0.3 if second[k] else 0.6)
            count = _add(pieces, count, start_left[k], start_y, lane, start_y)
            count = _add(pieces, count, lane, start_y, lane, end_y)
            count = _add(pieces, count, lane, end_y, end_left[k], end_y)
            label_x[k] = end_left[k]
        else:
            count = _add(pieces, count, start_x, start_top[k] + start_height[k], end_x, end_top[k])
        piece_share[first:count] = share[k]
    return count


@compiled
def _add(pieces, count, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    pieces[count, 0], pieces[count, 1], pieces[count, 2], pieces[count, 3] = x0, y0, x1, y1
    return count + 1
