"""Role lists that arrive by themselves, from a folder or through the interface: taken once, checked, applied, told.

arriving.arrive(session, ...)     keeps what was read; the same list of the same day is the one that is there
taking.take(session, ...)         checks the next of an organisation and applies it, unless something stands against it
telling                           what HR is told, one message for each list
"""

from lms.services.feed import telling
from lms.services.feed.arriving import FOLDER, arrive, one, waiting
from lms.services.feed.facts import Fed, Letter, News
from lms.services.feed.taking import take

__all__ = ["FOLDER", "Fed", "Letter", "News", "arrive", "one", "take", "telling", "waiting"]
