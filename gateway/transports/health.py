"""GET /healthz and /readyz: whether the process lives, and is to be asked."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.readiness import Readiness

_FRESH = {"Cache-Control": "no-store"}


async def healthz(_: Request) -> Response:
    """Say that the process lives; nothing else is looked at."""
    return JSONResponse({"status": "ok"}, headers=_FRESH)


class ReadyEndpoint:
    """Says whether requests are welcome, and if not, which part is the reason."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def __call__(self, _: Request) -> Response:
        """Answer 200 or 503."""
        found = await self._readiness.look()
        answer = {
            "status": found.status,
            "checks": found.checks,
            "pluginsResting": found.plugins_resting,
        }
        return JSONResponse(answer, 200 if found.is_ready else 503, _FRESH)
