"""GraphiQL, a page to try the API with, served by the gateway alone.

The page and all that it loads lie beside this module; `ORIGIN.md` says how they were
made. It runs without any inline script, and reaches this gateway and nothing else.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.settings import Settings

_FOLDER = Path(__file__).parent
_PAGE = "index.html"
ASSETS = {
    "graphiql.js": "text/javascript",
    "graphiql.css": "text/css",
    "favicon.svg": "image/svg+xml",
    "LICENSES.txt": "text/plain",
}
"""What the page loads, and the licenses of it, by media type."""

_POLICIES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join(_POLICIES)
"""What the page may do: load from here, and talk to here."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}


def graphiql_routes(settings: Settings) -> list[Route]:
    """Return the routes of the page; none, unless it is asked for."""
    if not settings.graphiql:
        return []
    return [
        Route("/graphiql", _page),
        Route("/graphiql/{name}", _asset),
    ]


async def _page(_: Request) -> Response:
    return FileResponse(_FOLDER / _PAGE, media_type="text/html", headers=_HEADERS)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        return Response(status_code=404)
    return FileResponse(_FOLDER / name, media_type=ASSETS[name], headers=_HEADERS)
