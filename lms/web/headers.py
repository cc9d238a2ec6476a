"""Security headers on every answer."""

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOT_KEPT = ("Cache-Control", "no-store")
TWO_YEARS = 2 * 365 * 24 * 3600


def always(*, secure: bool) -> dict[str, str]:
    """What every answer has; ``secure`` adds that this address is to be used over HTTPS only."""
    return HEADERS | ({"Strict-Transport-Security": f"max-age={TWO_YEARS}"} if secure else {})


def install(app: Flask, *, secure: bool) -> None:
    """Set them on every page."""
    wanted = [(name, name.lower(), value) for name, value in always(secure=secure).items()]

    @app.after_request
    def protect(answer: Response) -> Response:
        # Looking each of them up by itself takes longer than everything else about a short answer.
        there = {name.lower() for name, _ in answer.headers}
        for name, lowered, value in wanted:
            if lowered not in there:
                answer.headers.add(name, value)
        if request.endpoint != "static" and "cache-control" not in there:
            # Names stand on these pages, and machines are shared: nothing stays behind for the Back button.
            answer.headers.add(*NOT_KEPT)
        return answer
