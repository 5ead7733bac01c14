"""A platform on loopback that takes messages as docs/embedding.md asks for: signed, and the same key once.

    python benchmarks/loopback_platform.py PORT SECRET

`GET /stats` says how many posts came, how many messages are shown (distinct keys), and how many posts were refused.
"""

import asyncio
import hashlib
import hmac
import json
import sys
from collections import Counter

ENOUGH = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"


class Platform:
    """What was shown to whom."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.posts = self.refused = 0
        self.shown: set[str] = set()  # keys
        self.workers: Counter[str] = Counter()
        self.most = 0  # messages of one worker

    def take(self, headers: dict[bytes, bytes], body: bytes) -> bytes:
        """One post."""
        self.posts += 1
        stamp = headers.get(b"x-shebao-timestamp", b"")
        signed = hmac.new(self.secret, stamp + b"." + body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(headers.get(b"x-shebao-signature", b""), b"sha256=" + signed):
            self.refused += 1
            return REFUSED
        key = headers[b"idempotency-key"].decode()
        if key not in self.shown:
            worker = json.loads(body)["worker_id"]
            self.shown.add(key)
            self.workers[worker] += 1
            self.most = max(self.most, self.workers[worker])
        return ENOUGH

    def stats(self) -> bytes:
        """The counts as an HTTP answer."""
        said = {
            "posts": self.posts,
            "refused": self.refused,
            "shown": len(self.shown),
            "workers": len(self.workers),
            "most_for_one_worker": self.most,
        }
        body = json.dumps(said).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Connection(asyncio.Protocol):
    """Just enough HTTP/1.1: requests with a Content-Length, one after the other."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.buffer = platform, bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = bytes(self.buffer[:end]).split(b"\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
            length = int(headers.get(b"content-length", b"0"))
            if len(self.buffer) < end + 4 + length:
                return
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            is_get = first.startswith(b"GET")
            self.transport.write(self.platform.stats() if is_get else self.platform.take(headers, body))


async def main(port: int, secret: bytes) -> None:
    """Serves until killed."""
    platform = Platform(secret)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(platform), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2].encode()))
