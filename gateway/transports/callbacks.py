"""Messages of partners: POST /callbacks/REDEMPTION_ID, signed.

The signature is that of the Standard Webhooks specification, under the callback secret
of the plugin. Whoever has no right to know gets one answer, whatever is wrong.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.engine import Engine
from core.errors import GuerdonError, InvalidInputError
from core.program import messages
from gateway.codes import Code
from gateway.errors import coded
from gateway.transports.reading import MalformedError, read_json
from gateway.transports.requests import HttpRefusedError, read_body

MAX_BODY_BYTES = 65_536


class CallbackEndpoint:
    """Takes what partners tell about redemptions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        most_bytes = min(engine.settings.max_body_bytes, MAX_BODY_BYTES)
        self._settings = replace(engine.settings, max_body_bytes=most_bytes)

    async def __call__(self, request: Request) -> Response:
        """Check the size, then the signature, then read the message."""
        try:
            body = await read_body(request, self._settings)
        except HttpRefusedError as refused:
            return JSONResponse(
                {"errors": [refused.error]}, refused.status, refused.headers
            )
        redemption_id = request.path_params["redemption_id"]
        try:
            redemption = await messages.authenticate(
                self._engine, redemption_id, request.headers, body
            )
        except InvalidInputError:
            redemption = None
        if redemption is None:
            return _refused(401, Code.UNAUTHENTICATED, "sign the message, see the docs")
        try:
            message = read_json(body)
        except MalformedError as error:
            return _refused(400, Code.BAD_REQUEST, str(error))
        if not isinstance(message, dict):
            return _refused(400, Code.BAD_REQUEST, "a message is a JSON object")
        try:
            status = await messages.receive(self._engine, redemption, message)
        except GuerdonError as error:
            return _refused(503, error.code, "try again later")
        return JSONResponse({"status": status})


def _refused(status: int, code: str, text: str) -> Response:
    return JSONResponse({"errors": [coded(text, code)]}, status)
