"""A request, read: in HTTP's own form, or in 1.0.3's alternate one (1.0.3 Communication 1.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkzeug import Request
from werkzeug.datastructures import Headers, MultiDict

from lms import bodies
from lms.rules.statements import strict_json, versions
from lms.rules.statements.queries import unknown_parameter
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.xapi.answers import VERSION_HEADER

# Without attachments nobody needs more; what has them may be as long as any upload.
LONGEST_JSON = 32 * 1024 * 1024
_FORM_HEADERS = (
    *("Authorization", VERSION_HEADER, "Content-Type", "Content-Length", "If-Match", "If-None-Match"),
)
_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, however it was sent. ``query`` is the part of the address after the question mark."""

    request: Request
    method: str
    parameters: dict[str, str]
    headers: Mapping[str, str] | Headers
    form_body: bytes | None = None
    query: str | None = None

    def header(self, name: str) -> str | None:
        """A header of the request, or the form field that stands for it."""
        return self.headers.get(name)

    @property
    def content_type(self) -> str:
        """What the body is said to be."""
        return self.headers.get("Content-Type") or ""

    def body(self) -> bytes:
        """The content that was sent."""
        if self.form_body is not None:
            return self.form_body
        return self.request.get_data(cache=False)

    def allow(self, names: frozenset[str], needed: Iterable[str] = ()) -> None:
        """Check that there are no parameters but these, and those that are needed.

        :raises Refused: otherwise.
        """
        for name in self.parameters:
            if name not in names:
                raise unknown_parameter(name, names)
        for name in needed:
            if name not in self.parameters:
                raise Refused(name, "is missing; this address needs it as a parameter.")


def read(request: Request) -> Asked:
    """A request, in either form.

    :raises Refused: when a parameter is there twice, or the alternate form is not as the standard has it.
    """
    if not (request.content_type or "").startswith("multipart/"):
        request.max_content_length = _least(request.max_content_length)
    method = "GET" if request.method == "HEAD" else request.method
    parameters = request.args
    if method == "POST" and "method" in parameters and _may_be_alternate(request):
        return _alternate(request)
    query = request.query_string.decode("latin-1")
    return Asked(request, method, _single(parameters), request.headers, query=query)


def version(asked: Asked) -> Version:
    """The version that the request speaks.

    :raises Refused: when it says none, or another one.
    """
    return versions.asked(asked.header(VERSION_HEADER))


def _least(limit: int | None) -> int:
    return min(limit or LONGEST_JSON, LONGEST_JSON)


def _single(values: MultiDict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in values.items(multi=True):
        if name in found:
            raise Refused(name[:60], "is there twice.")
        if "\x00" in value or "\x00" in name:
            raise Refused(name[:60].replace("\x00", ""), "holds a NUL character.")
        found[name] = value
    return found


def _may_be_alternate(request: Request) -> bool:
    """2.0 knows no alternate form: there ``method`` is a parameter like any other, and a wrong one."""
    said = request.headers.get(VERSION_HEADER)
    return said is None or not said.startswith("2.")


def _alternate(request: Request) -> Asked:
    if set(request.args) != {"method"} or len(request.args.getlist("method")) != 1:
        raise Refused("", "With the parameter method, every other one goes into the form.")
    method = request.args["method"]
    if method not in _METHODS:
        raise Refused("method", f"is not one of {', '.join(_METHODS)}.")
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused("", "With the parameter method, the content is application/x-www-form-urlencoded.")
    bodies.check(request, "a form", shows_end=False)
    # A form may be as long as a statement.
    request.max_form_memory_size = request.max_content_length
    strict_json.decode(request.get_data(cache=True, parse_form_data=False))
    fields = _single(request.form)
    headers = {name: value for name, value in request.headers.items() if name not in _FORM_HEADERS}
    for name in ("Authorization", VERSION_HEADER):
        if name in request.headers:
            headers[name] = request.headers[name]
    named = {name.lower(): name for name in _FORM_HEADERS}
    content = fields.pop("content", None)
    for name in tuple(fields):
        if name.lower() in named:
            headers[named[name.lower()]] = fields.pop(name)
    if content is None and method in ("PUT", "POST"):
        raise Refused("content", "is missing; the form has the content of the request in it.")
    if versions.asked(headers.get(VERSION_HEADER)) is Version.TWO:
        raise Refused("method", "is not a parameter in xAPI 2.0, which has no alternate request syntax.")
    body = (content or "").encode("utf-8", "replace")
    if "Content-Type" not in headers and content is not None:
        headers["Content-Type"] = "application/json"
    return Asked(request, "GET" if method == "HEAD" else method, fields, headers, body)
