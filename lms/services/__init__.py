"""What the system does, given a session: functions that flush and never commit."""
