"""Messages of partners: POST /callbacks/REDEMPTION_ID, signed.

The signature is that of the Standard Webhooks specification, under the callback secret
of the plugin. Whoever has no right to know gets one answer, whatever is wrong.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.engine import Engine
from core.errors import GuerdonError, InvalidInputError
from core.program import messages
from gateway.errors import coded
from gateway.reading import MalformedError, read_json

MAX_BODY_BYTES = 65_536


class CallbackEndpoint:
    """Takes what partners tell about redemptions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, request: Request) -> Response:
        """Check the size, then the signature, then read the message."""
        body = await _body(request)
        if body is None:
            return _refused(413, "BODY_TOO_LARGE", f"at most {MAX_BODY_BYTES} bytes")
        redemption_id = request.path_params["redemption_id"]
        try:
            redemption = await messages.authenticate(
                self._engine, redemption_id, request.headers, body
            )
        except InvalidInputError:
            redemption = None
        if redemption is None:
            return _refused(401, "UNAUTHENTICATED", "sign the message, see the docs")
        try:
            message = read_json(body)
        except MalformedError as error:
            return _refused(400, "BAD_REQUEST", str(error))
        if not isinstance(message, dict):
            return _refused(400, "BAD_REQUEST", "a message is a JSON object")
        try:
            status = await messages.receive(self._engine, redemption, message)
        except GuerdonError as error:
            return _refused(503, error.code, "try again later")
        return JSONResponse({"status": status})


async def _body(request: Request) -> bytes | None:
    """Return the body; None if it is too large, of which no more is read."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _refused(status: int, code: str, text: str) -> Response:
    return JSONResponse({"errors": [coded(text, code)]}, status)
