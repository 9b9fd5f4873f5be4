"""The debugger for a recorded program, usable from a script: sessions, snapshots, explanations. It knows no Qt."""
