"""The training map: the matrix, drafts, versions, modules, frameworks and gaps."""

from lms.web.training_map import catalogue, drafts, published, requirements
from lms.web.training_map.pages import blueprint

__all__ = ["blueprint", "catalogue", "drafts", "published", "requirements"]
