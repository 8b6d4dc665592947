"""Requests are answered under the site's own name only, so that nothing made from a request can lead elsewhere."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
ANYWHERE = {"portal.health"}  # asked by whoever watches the service, often by its number


def own_hosts(base_url: str) -> set[str]:
    """How browsers name the site of BASE_URL in `Host`. One machine may call itself by any of its own names."""
    url = urlsplit(base_url)
    name = url.netloc.rpartition("@")[2].lower()
    host, colon, port = name.rpartition(":") if url.port else (name, "", "")
    names = {f"{each}{colon}{port}" for each in (LOOPBACK if host in LOOPBACK else {host})}
    usual = {"http": "80", "https": "443"}[url.scheme]
    if not port:
        return names | {f"{each}:{usual}" for each in names}
    return names | ({each.removesuffix(f":{usual}") for each in names} if port == usual else set())


def register(app: Flask) -> None:
    own = own_hosts(app.config["BASE_URL"])

    @app.before_request
    def refuse_foreign_host() -> Response | None:
        """Before anything else. What a proxy says of the host (`X-Forwarded-Host`, `Forwarded`) is never read."""
        if request.endpoint in ANYWHERE or request.environ.get("HTTP_HOST", "").lower() in own:
            return None
        return Response(f"This site is at {app.config['BASE_URL']}\n", status=421, mimetype="text/plain")
