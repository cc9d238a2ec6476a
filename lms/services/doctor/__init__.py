"""The house's own health, as far as its database tells.

heartbeat    timetable, queue, worker and database together        backlog    what waits, and for how long
invariants   what must be true of the records, whatever happened
"""

from lms.services.doctor.backlog import backlog
from lms.services.doctor.facts import Finding, Grade
from lms.services.doctor.heartbeat import heartbeat, note_heartbeat
from lms.services.doctor.invariants import invariants

__all__ = ["Finding", "Grade", "backlog", "heartbeat", "invariants", "note_heartbeat"]
