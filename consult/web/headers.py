"""What every answer says to the browser about what it may do."""

from flask import Flask, Request, Response, request
from flask_login import current_user

POLICY = "; ".join(
    (
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip


def register(app: Flask) -> None:
    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static":
            # whole, not streamed, so that it can be compressed for every browser; the largest has 230 KB
            response.direct_passthrough = False
            response.get_data()
        else:
            # pages hold personal data: a shared computer's back button must not bring them back after signing out
            is_personal = current_user.is_authenticated or _is_secret(request)
            headers["Cache-Control"] = "no-store" if is_personal else "no-cache"
            if is_personal:
                headers["X-Robots-Tag"] = "noindex"
        return response


def _is_secret(request: Request) -> bool:
    """Whether the address itself opens something, or the page is about signing in."""
    address = request.view_args or {}
    pages = (request.blueprint or "") in {"security", "accounts"}
    return pages or any(name in address for name in ("key", "token", "code"))
