"""The record: statements, documents, definitions, and their ways to and from other stores.

writing      a batch into the log      facts     the statements we make ourselves
reading      statements out of it      rows      the driver's own rows; places: their numbers
references   voiding, and statements about statements
documents    state and profiles        definitions     activities      attachments
forwarding   to other stores           pulling         from them       stores      which there are
consistency  up to when everything is here
"""

from lms.rules.statements.own import Fact
from lms.services.statements.facts import record, void
from lms.services.statements.writing import Source, Stored, store, store_alone

__all__ = ["Fact", "Source", "Stored", "record", "store", "store_alone", "void"]
