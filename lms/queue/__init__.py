"""Where lms and workers meet: the Celery object, the names of the jobs, and ``enqueue``."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from celery import Celery
from kombu import pools
from kombu.exceptions import OperationalError

from lms import settings
from lms.errors import Unavailable

HOUR = 3600


class Job(StrEnum):
    """Every job there is. A test holds this list, the tasks and the timetable equal."""

    CHECK_ROLE_LIST = "roster.check"
    APPLY_ROLE_LIST = "roster.apply"
    SWEEP_ROLE_LISTS = "roster.sweep"
    TAKE_ROLE_LISTS = "feed.take"
    TELL_HR = "feed.tell"
    PROJECT_STATEMENTS = "statements.project"
    RETRY_STATEMENTS = "statements.retry"
    FORWARD_STATEMENTS = "statements.forward"
    PULL_STATEMENTS = "statements.pull"
    SNAPSHOT_COVERAGE = "coverage.snapshot"
    PLAN_REMINDERS = "reminders.plan"
    SEND_REMINDERS = "reminders.send"
    HEARTBEAT = "heartbeat.note"


celery = Celery("golden-thread")
_configured: list[settings.Settings] = []


def configure(chosen: settings.Settings) -> Celery:
    """Point the queue at Redis, or at a folder on this machine that a worker beside us reads.

    Redis is the post, never the record: results are not kept, and a lost message is healed by a sweeper.
    """
    if _configured == [chosen]:
        return celery
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # Longer tasks than the visibility timeout would run twice at the same time.
        task_soft_time_limit=HOUR - 120,
        task_time_limit=HOUR - 60,
        worker_prefetch_multiplier=1,
        # The tasks and the timetable, loaded by the processes that need them and by nobody else.
        imports=("workers.app",),
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        task_serializer="json",
        accept_content=["json"],
        timezone="Europe/London",
        enable_utc=True,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=3,
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2},
        **(_redis(chosen.redis_url) if chosen.redis_url else _folder(chosen)),
    )
    # What was connected with the former settings is let go, the pools with it: one that was closed stays so.
    pools.reset()
    celery._after_fork()
    _configured[:] = [chosen]
    return celery


def _redis(url: str) -> dict[str, Any]:
    return {
        "broker_url": url,
        "broker_transport": None,
        "broker_transport_options": {
            "visibility_timeout": HOUR,
            "socket_connect_timeout": 3,
            "socket_timeout": 30,
        },
        "worker_enable_remote_control": True,
        # In Redis too, so that a second beat takes over within half a minute and none runs a job twice.
        "beat_scheduler": "redbeat.RedBeatScheduler",
        "beat_max_loop_interval": 5,
        "redbeat_redis_url": url,
        "redbeat_key_prefix": "golden-thread:",
        "redbeat_lock_timeout": 30,
    }


def _folder(chosen: settings.Settings) -> dict[str, Any]:
    folder = chosen.var / "queue"
    for name in ("messages", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": "lms.queue.folder:Transport",
        "broker_transport_options": {
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.1,
        },
        "worker_enable_remote_control": False,
        "beat_scheduler": "celery.beat.PersistentScheduler",
        "beat_max_loop_interval": 5,
        "beat_schedule_filename": str(folder / "timetable"),
    }


def task(job: Job) -> Callable[[Callable[..., Any]], Any]:
    """Makes a function the task of a job. It is tried again for a while when a part outside does not answer."""
    decorate: Callable[[Callable[..., Any]], Any] = celery.task(
        name=job.value,
        autoretry_for=(Unavailable,),
        retry_backoff=2,
        retry_backoff_max=300,
        max_retries=12,
    )
    return decorate


def enqueue(job: Job, *ids: int | str) -> None:
    """Hand a job to the workers. Call it after the transaction is over, never inside.

    :raises Unavailable: when the queue does not answer. What was committed stands; the sweeper picks it up.
    """
    try:
        configure(settings.current()).send_task(job.value, args=ids)
    except (OperationalError, OSError) as error:
        raise Unavailable(
            "Your change is saved, but the queue does not answer. The work starts as soon as it is back."
        ) from error


def waiting(chosen: settings.Settings) -> int:
    """How many jobs nobody has taken yet.

    :raises Unavailable: when the queue does not answer.
    """
    app = configure(chosen)
    try:
        with app.connection_for_read(connect_timeout=3) as connection:
            # One try: the default is to go on for ever.
            connection.ensure_connection(max_retries=1, interval_start=0.1)
            channel = connection.default_channel
            return int(channel._size(app.conf.task_default_queue))
    except (OperationalError, OSError) as error:
        raise Unavailable("The queue does not answer.") from error
