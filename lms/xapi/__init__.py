"""The learning record store's HTTP face: xAPI 1.0.3 and 2.0 (IEEE 9274.1.1), chosen by the version header.

application  the addresses, and what every answer has      asked       a request, read
guard        keys                                          answers     JSON and entity tags
statements   documents   activities   agents   about       one file per resource
origins      pages of other origins, in a browser          refusals    what is refused, and with which status
consistency  up to when everything is here
"""

from lms.xapi.application import PREFIX, Record

__all__ = ["PREFIX", "Record"]
