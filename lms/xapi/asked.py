"""A request, read: in HTTP's own form, or in 1.0.3's alternate one (1.0.3 Communication 1.3)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

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
_OF_THE_FORM = ("Content-Type", "Content-Length")
_FORM_HEADERS = ("Authorization", VERSION_HEADER, "If-Match", "If-None-Match", *_OF_THE_FORM)
_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
# What HTTP lets a header hold (RFC 9110, 5.5), of what can be given back in one.
_FIELD = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


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
        """The content that was sent.

        :raises RequestEntityTooLarge: when it is longer than anything may be.
        """
        if self.form_body is not None:
            return self.form_body
        content = self.request.get_data(cache=False)
        # What comes in chunks is read up to the limit as if nothing followed; only reading on tells.
        self.request.stream.read(1)
        return content

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
    single = _single(parameters)
    # What is not UTF-8 is left as it was written, with its percent signs, and could be something else written so.
    if any("%" in name or "%" in value for name, value in single.items()):
        _check_encoding(request.query_string)
    return Asked(request, method, single, request.headers, query=query)


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


def _check_encoding(query: bytes) -> None:
    """Parameters are UTF-8 (1.0.3 Communication 1.4)."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise Refused("", "A parameter is not UTF-8. Encode it as UTF-8, then with percent signs.") from None


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
    strict_json.decode(unquote_to_bytes(request.get_data(cache=True, parse_form_data=False)))
    fields = _single(request.form)
    named = {name.lower(): name for name in _FORM_HEADERS}
    # What a client could send as a header counts, but for what such a header says of the form itself.
    headers = {named.get(name.lower(), name): value for name, value in request.headers.items()}
    for name in _OF_THE_FORM:
        headers.pop(name, None)
    content = fields.pop("content", None)
    for name in tuple(fields):
        if name.lower() in named:
            headers[named[name.lower()]] = _field(name, fields.pop(name))
    if content is None and method in ("PUT", "POST"):
        raise Refused("content", "is missing; the form has the content of the request in it.")
    if (headers.get(VERSION_HEADER) or "").startswith("2."):
        raise Refused("method", "is not a parameter in xAPI 2.0, which has no alternate request syntax.")
    body = (content or "").encode("utf-8", "replace")
    if "Content-Type" not in headers and content is not None:
        headers["Content-Type"] = "application/json"
    return Asked(request, "GET" if method == "HEAD" else method, fields, headers, body)


def _field(name: str, value: str) -> str:
    if _FIELD.fullmatch(value) is None:
        raise Refused(name, "holds a line break or another character that a header cannot have.")
    return value
