"""Frameworks, practice levels, job roles, and which job title means which role."""

from lms.services.job_roles.levels import load_competencies, load_levels
from lms.services.job_roles.roles import by_code, ids_by_code, load_roles
from lms.services.job_roles.suggestions import suggestions
from lms.services.job_roles.titles import Meaning, confirm, follow, keep, load_titles, meanings

__all__ = [
    "Meaning",
    "by_code",
    "confirm",
    "follow",
    "ids_by_code",
    "keep",
    "load_competencies",
    "load_levels",
    "load_roles",
    "load_titles",
    "meanings",
    "suggestions",
]
