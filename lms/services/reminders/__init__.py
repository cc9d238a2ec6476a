"""Reminders: what goes today, one message a day at most, each step once.

planning.plan(session, today, now)      queues what is due; any number of times
sending.claim(session, ...)             takes the next message, decided again at that moment
"""

from lms.services.reminders import planning, sending
from lms.services.reminders.due import addressees
from lms.services.reminders.facts import Addressee, Draft, Due, Kind, Letter, State, Undelivered
from lms.services.reminders.offers import codes as module_codes
from lms.services.reminders.overview import switch_off, switch_on, undelivered, waiting_since
from lms.services.reminders.planning import NO_ADDRESS, drafts, plan

__all__ = [
    "NO_ADDRESS",
    "Addressee",
    "Draft",
    "Due",
    "Kind",
    "Letter",
    "State",
    "Undelivered",
    "addressees",
    "drafts",
    "module_codes",
    "plan",
    "planning",
    "sending",
    "switch_off",
    "switch_on",
    "undelivered",
    "waiting_since",
]
