"""Whole numbers in fields: what Qt's fields can hold, which is less than a run may have updates."""

LARGEST = 2**31 - 1
