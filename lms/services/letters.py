"""The texts of messages: plain templates in a folder beside the service that writes them."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def texts(package: str) -> Environment:
    """The templates in the folder ``texts`` of a package. A name that is missing is an error, never a gap."""
    return Environment(
        loader=PackageLoader(package, "texts"),
        undefined=StrictUndefined,
        autoescape=False,  # nosec B701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
