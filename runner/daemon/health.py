"""The health endpoint: HTTP on a unix socket, 200 or 503 and the reason as JSON."""

from __future__ import annotations

import http.server
import json
import os
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from hiera.errors import Location, UsageError
from runner.daemon.child import Past

GOOD: Final = frozenset({0, 14})
"""Exit codes of a run that need nobody: done, or another run was at work."""
LATE: Final = 3
"""Periods without a run after which the daemon is not well."""


def verdict(last: Past | None, since: float | None, following: float | None, every: float) -> dict[str, Any]:
    """Return the state of the daemon; ``healthy`` says whether somebody should look."""
    now = time.time()
    begun = since if since is not None else last.ended if last else now
    healthy = (last is None or last.exit_code in GOOD) and now - begun < LATE * every
    past = {"exit_code": last.exit_code, "began": last.began, "ended": last.ended} if last else None
    return {"healthy": healthy, "running_since": since, "last": past, "next": following}


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers every GET alike."""

    server: _Server

    def do_GET(self) -> None:
        """Tell the state."""
        told = self.server.state()
        body = json.dumps(told).encode() + b"\n"
        self.send_response(200 if told["healthy"] else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """Return a name for the caller; a unix socket gives it none."""
        return "local"

    def log_message(self, *_words: Any) -> None:
        """Write nothing: who asks for health asks often."""


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    state: Callable[[], dict[str, Any]]


class Health:
    """The endpoint at ``path`` while the daemon lives. Raises ``UsageError`` (``health-socket``)."""

    def __init__(self, path: str, state: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        try:
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            with suppress(FileNotFoundError):
                os.unlink(path)  # what a daemon that was killed left
            self._server = _Server(path, _Handler)
            os.chmod(path, 0o660)
        except OSError as error:
            message = f"the health socket cannot be made: {error.strerror or error}"
            raise UsageError.of("health-socket", message, Location(path)) from None
        self._server.state = state
        threading.Thread(target=self._server.serve_forever, daemon=True, name="health").start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        with suppress(OSError):
            os.unlink(self._path)
