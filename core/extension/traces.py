"""Where an error of a plugin came from, without what it says.

The text of a plugin's error may hold a key, a token or an address; a log keeps it for
years. Its type and the places it came through are enough to find it.
"""

import traceback


def places(error: BaseException) -> str:
    """Return the type of an error and where it came from, line by line."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {one.filename}:{one.lineno} in {one.name}" for one in frames]
    return "\n".join([type(error).__name__, *lines])
