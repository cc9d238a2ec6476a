"""The record: what arrived and does not count yet, what was decided about it, keys, and other stores."""

from lms.web.record import decided, keys, settling, stores
from lms.web.record.pages import blueprint

__all__ = ["blueprint", "decided", "keys", "settling", "stores"]
