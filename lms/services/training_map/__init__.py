"""Modules, what counts for what, and the map of what each role needs, in versions."""
