"""The bridge: the only code that knows threads. It carries commands in, snapshots and events out."""
