"""Footprint: the memory that the debugger needs beside the program; to be known before anything large is imported."""

# Bytes a scalar that the debugger keeps and hands out beside the program. Measured with 3.6 million scalars: while
# training ran, with every panel in sight once, the process grew by 540, the program's own share among them; with the
# panels of the default layout by 230.
BYTES_BESIDE = 300
