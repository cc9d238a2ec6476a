"""The processes: ``lms init``, ``web``, ``worker``, ``beat``, and all of them as ``serve``."""

from lms.cli.processes import background, first, together, web

commands = (first.command, web.command, background.worker, background.beat, together.command)

__all__ = ["commands"]
