"""Policy as pure functions and frozen dataclasses: no Flask, no database, no clock."""
