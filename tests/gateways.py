"""Remotes for the http submitter: real sandbox processes, and servers that answer as they are told."""

import json
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
TOKEN = "a-token-that-nobody-may-read"


class Sandbox:
    """`wxp-lint sandbox` over the world of a folder."""

    def __init__(self, world, state, *faults, port=0):
        told = [part for fault in faults for part in ("--fault", fault)]
        where = ["--port", str(port), "--from", world, "--state", state]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wxp_lint", "sandbox", *where, "--token", TOKEN, *told],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=CHECKOUT,
        )
        self.url = self._process.stdout.readline().decode().removeprefix("listening on ").strip()
        assert self.url.startswith("http://"), "the sandbox did not start"

    def ask(self, path, method="GET", data=None):
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def uploads(self):
        """The accepted uploads, as the sandbox recorded them."""
        return self.ask("/api/events")["events"]

    def upload(self, data):
        """What somebody uploads from Unassigned Devices."""
        self.ask("/api/uploads?place=unassigned", "POST", data)

    def reset(self):
        self.ask("/api/reset", "POST")

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class Stub:
    """A server that answers every upload with `status`, `headers` and `body`, and counts them."""

    def __init__(self, status, body=b"", headers=()):
        self.requests = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers["Content-Length"]))
                stub.requests.append((self.path, dict(self.headers), data))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                stub.requests.append((self.path, dict(self.headers), None))
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
