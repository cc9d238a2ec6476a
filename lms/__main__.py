"""``python -m lms`` is the ``lms`` command."""

from lms.cli import main

# A process that is started anew instead of forked reads this file too.
if __name__ == "__main__":
    main(prog_name="lms")
