"""The JSON interface, version 1.

blueprint    the addresses, and what every answer has      guard        keys as bearer tokens
problems     refusals as problem details (RFC 9457)        role_lists   lists that arrive by themselves
openapi      all of it, for programs
"""

from lms.api import openapi, role_lists
from lms.api.blueprint import blueprint

__all__ = ["blueprint", "openapi", "role_lists"]
