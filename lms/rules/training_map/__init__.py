"""The training map: what counts for what, and what each role needs."""
