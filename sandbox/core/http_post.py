"""Posting to the product: one try, and the status that came back.

Knows nothing of what is posted.
"""

from typing import Any

import aiohttp


async def post(http: aiohttp.ClientSession, url: str, **what: Any) -> int:
    """The answer's status, 0 when there was none. Follows no redirects, as no provider does."""
    try:
        async with http.post(url, allow_redirects=False, **what) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return 0
