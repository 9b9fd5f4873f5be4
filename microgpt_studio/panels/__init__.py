"""Panels: each shows snapshots and owns no truth."""
