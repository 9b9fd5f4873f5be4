"""The model as a recorded program: recorded once from the plain code, then run by compiled kernels, bit for bit."""
