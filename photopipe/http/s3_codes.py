"""Error codes of S3 that galleries and sources have to tell apart."""

from typing import Final

LOGIN_REFUSED: Final = frozenset(
    {
        "AccessDenied",
        "AccountProblem",
        "AllAccessDisabled",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
"""The login is not accepted, or may not do this. Some of them come with status 400.

Source: Amazon S3 API reference, "Error responses".
"""
