"""People: when they are not counted, and what makes two of them one."""
