"""When the timetable, the queue, a worker and the database last worked together."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Heartbeat(SQLModel, table=True):
    """One row for each thing that beats."""

    name: str = Field(primary_key=True, max_length=32)
    at: datetime
