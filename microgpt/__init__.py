"""microgpt: the smallest complete GPT in plain scalar Python, and the same training as a recorded program."""
