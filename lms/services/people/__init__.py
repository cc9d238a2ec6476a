"""People: their employments, and the days on which they are not counted."""
