"""A browser without network to open a page in, driven over the DevTools protocol on two pipes."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--remote-debugging-pipe",
)
PATIENCE_S = 60.0
READY = "(document.documentElement || {dataset: {}}).dataset.ready"
LOADED = "document.readyState === 'complete' || null"
"""A page without a script of its own is ready when it is loaded."""


def found() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


class Tab:
    """One page: what it asked for, what it complained of, and the means to read it and to click."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._last = to, back, b"", 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._session: str | None = None

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; events that come meanwhile are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        os.write(
            self._to, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while True:
            heard = self._hear()
            if heard.get("id") == self._last:
                assert "error" not in heard, heard
                return heard["result"]

    def open(self, page: Path, *, width: int = 1440, height: int = 900, ready: str = READY) -> None:
        """Load a local file and wait till it says that it is ready, or till what `ready` comes to is something."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Network", "Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=page.as_uri())
        self.wait(f"({ready}) !== null && ({ready}) !== undefined")

    def wait(self, script: str) -> None:
        """Wait till a script comes to true; a page that is just being left cannot say so yet."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with suppress(AssertionError):
                if self.value(script) is True:
                    return
            assert time.monotonic() < deadline, (script, self.complaints)
            time.sleep(0.02)

    def value(self, script: str) -> Any:
        """Return what a script comes to."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def move(self, x: float, y: float, *, click: bool = False) -> None:
        """Move the pointer there, and press it."""
        kinds = ("mouseMoved", "mousePressed", "mouseReleased") if click else ("mouseMoved",)
        for kind in kinds:
            pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **pressed)
        time.sleep(0.05)

    def picture(self) -> bytes:
        """Return what is to be seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._back, 1 << 20)
            assert part, "the browser has gone"
            self._rest += part
        text, self._rest = self._rest.split(b"\0", 1)
        heard: dict[str, Any] = json.loads(text)
        match heard.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(heard["params"]["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(heard["params"]["exceptionDetails"]))
            case "Log.entryAdded" | "Runtime.consoleAPICalled":
                self.complaints.append(json.dumps(heard["params"]))
            case _:
                pass
        return heard


@contextmanager
def tab(browser: str) -> Iterator[Tab]:
    """Start a browser with an empty profile, give one tab, and end it."""
    their_in, to = os.pipe()
    back, their_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            "bash",
            "-c",
            f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}',
            browser,
            *FLAGS,
            f"--user-data-dir={profile}",
        ]
        running = subprocess.Popen(
            command, pass_fds=(their_in, their_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(their_in)
        os.close(their_out)
        one = Tab(to, back)
        try:
            yield one
        finally:
            running.terminate()
            running.wait()
            os.close(to)
            os.close(back)
