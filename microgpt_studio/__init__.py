"""microgpt Studio: the visual debugger for microgpt."""
