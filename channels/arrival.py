"""Whether a call that failed may have reached the platform all the same."""

import httpx

from channels.channel import ConnectionFailed

_NOT_TAKEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.HTTPStatusError)


def did_not_answer(platform: str, error: Exception) -> ConnectionFailed:
    """The failure for an error of httpx."""
    what = f"{platform} did not answer: {type(error).__name__}"
    return ConnectionFailed(what, may_have_arrived=may_have_arrived(error))


def may_have_arrived(error: BaseException | None) -> bool:
    """False where no connection was made, or the platform said no; looks at what an error was caused by."""
    while error is not None:
        if isinstance(error, _NOT_TAKEN):
            return False
        error = error.__cause__ or error.__context__
    return True
