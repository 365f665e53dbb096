"""A sandbox as a process of its own, for the tests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

CHECKOUT = Path(__file__).parents[2]
ASSIGNMENTS = CHECKOUT / "examples/assignments"
TOKEN = "a-token-for-tests"


class Sandbox:
    """A server by the real command line, and a client that has its token."""

    def __init__(self, arguments, log):
        self.log = log
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WXP_LINT_")}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wxp_lint", "sandbox", "--port", "0", "--token", TOKEN, *map(str, arguments)],
                env={**environment, "PYTHONPATH": str(CHECKOUT), "WXP_LINT_CACHE_DIR": ""},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.first = self.process.stdout.readline()
        self.url = self.first.removeprefix("listening on ").strip()
        self.client = httpx.Client(
            base_url=self.url or "http://none", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
        )

    def get(self, path):
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer

    def upload(self, data, place="unassigned", kind="text/csv"):
        params = {"place": place, "name": "a.csv"}
        body = data.encode() if isinstance(data, str) else data
        return self.client.post("/api/uploads", params=params, content=body, headers={"Content-Type": kind})

    def done(self, upload):
        """The upload when it has been processed."""
        for _ in range(100):
            told = self.get(f"/api/uploads/{upload}")
            if told["status"] == "done":
                return told
            time.sleep(0.05)
        raise AssertionError("it is never processed")

    def transfer(self, data, place="unassigned"):
        """The Summary of an upload, as lines."""
        told = self.upload(data, place)
        assert told.status_code == 202, told.text
        return self.get(self.done(told.json()["id"])["summary"]["csv"]).text.splitlines()

    def events(self):
        return self.get("/api/events")["events"]

    def serials(self, place="unassigned"):
        return [one["serial"] for one in self.get(f"/api/places/{place}/devices")["devices"]]

    def customers(self):
        return [one["customer_id"] for one in self.get("/api/places")["places"][1:]]

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.close()
        return self.process.returncode

    def close(self):
        self.client.close()
        self.process.wait(10)
        self.process.stdout.close()


def transfer_file(serials, customer):
    return "Serial Number,Customer ID\n" + "".join(f"{serial},{customer}\n" for serial in serials)
