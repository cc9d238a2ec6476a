"""Role lists: uploaded, looked at, applied and undone; the job titles and the people that they leave to decide."""

from lms.web.roster import copies, exports, history, links, previews, titles, uploads
from lms.web.roster.pages import blueprint

__all__ = ["blueprint", "copies", "exports", "history", "links", "previews", "titles", "uploads"]
