"""Sessions: which there are, planning one, and its register."""

from lms.web.sessions import lists, plans, registers
from lms.web.sessions.pages import blueprint

__all__ = ["blueprint", "lists", "plans", "registers"]
