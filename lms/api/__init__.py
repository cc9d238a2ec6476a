"""The JSON interface, version 1.

blueprint    the addresses, and what every answer has      guard        keys as bearer tokens
problems     refusals as problem details (RFC 9457)        role_lists   lists that arrive by themselves
"""

from lms.api import role_lists
from lms.api.blueprint import blueprint

__all__ = ["blueprint", "role_lists"]
