"""A headless Chromium, driven over its DevTools protocol; nothing but loopback is used."""

import base64
import itertools
import json
import os
import subprocess
import time
from pathlib import Path

import websocket

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60


class Page:
    """One tab. `messages` collects what the page writes to the console and what the browser complains about."""

    def __init__(self, profile: Path):
        command = [
            os.environ.get("STILLWATCH_BROWSER", "chromium"), "--headless=new", "--remote-debugging-port=0",
            "--remote-allow-origins=*", f"--user-data-dir={profile}", "--no-first-run", "--disable-gpu",
            "--disable-dev-shm-usage", "--hide-scrollbars", "about:blank",
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.numbers = itertools.count(1)
        self.messages, self.events = [], []
        port, path = self._address(profile / "DevToolsActivePort")
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=ANSWER_SECONDS_MAX)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    session = None

    def _address(self, file: Path):
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            assert self.process.poll() is None, "the browser ended at once"
            if file.exists() and len(file.read_text().split()) == 2:
                return file.read_text().split()
            time.sleep(0.05)
        raise AssertionError("the browser did not open its port")

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._note(answer)

    def _note(self, event):
        self.events.append(event["method"])
        if event["method"] == "Log.entryAdded":
            self.messages.append(event["params"]["entry"]["text"])
        elif event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.messages.append(json.dumps(event["params"]))
        elif event["method"] == "Network.requestWillBeSent":
            self.messages.append("request " + event["params"]["request"]["url"])

    def open(self, file: Path, width: int, scheme: str):
        """Shows a file at a width, in the light or dark scheme, and forgets earlier messages."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.messages, self.events = [], []
        self.call("Page.navigate", url=file.as_uri())
        while "Page.loadEventFired" not in self.events:
            self._note(json.loads(self.socket.recv()))
        self.messages = [text for text in self.messages if text != f"request {file.as_uri()}"]

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"]["value"]

    def picture(self) -> bytes:
        """The whole page as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
