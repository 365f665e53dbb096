"""The http submitter: the contract of docs/http.md, over httpx.

An upload is one request that may never be made twice. Tried again is only what failed before a connection stood.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import stamina
import stamina.instrumentation

from wxp_lint import __version__
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.transfer.failpoint import failpoint
from wxp_lint.transfer.submit.protocol import ACCEPTED, REFUSED, UNKNOWN, UNSENT, Abilities, Answer, Polled, Upload

TOKEN = "WXP_LINT_HTTP_TOKEN"
ATTEMPTS = 3  # to get a connection
_PATH = "/api/uploads"
# Raised only while there is no connection over which anything could have been sent.
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_REPLY = 1 << 16  # bytes of an answer that are read
_SUMMARY = 1 << 24
_WORDS = 200  # characters of a remote's words that are told
_REFERENCE = 200


class _TooLate(Exception):
    """The claim ended while no connection came about."""


def http(settings: Settings, environment: Mapping[str, str]) -> "Http":
    """The submitter of the config. Raises UsageError where address or token are missing, or would not be safe."""
    url = settings.apply.http.url
    if url is None:
        raise UsageError('[apply] submitter "http" needs an address: [apply.http] url = "https://..."')
    parts = _parts(url)
    is_local = _is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not is_local:
        raise UsageError(
            f"[apply.http] url: {parts.hostname} would get the token and the PCs unencrypted: use https:// (http:// is "
            "for this computer alone, such as http://127.0.0.1:8484)"
        )
    token = environment.get(TOKEN, "").strip()
    if not token:
        raise UsageError(f"the http submitter needs a token: set the environment variable {TOKEN}")
    if not all("!" <= letter <= "~" for letter in token):
        raise UsageError(f"{TOKEN} holds blanks or characters that no token has: copy it again")
    return Http(url.rstrip("/"), token, settings.apply.http.timeout, is_local)


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname or port == 0:
        raise UsageError("[apply.http] url is no address: write it like https://gateway.example.org")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise UsageError(
            f"[apply.http] url may hold no user, password, ? or #: the token comes from the environment ({TOKEN})"
        )
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Http:
    """A remote that takes uploads as docs/http.md says. `timeout` in seconds, for each step of a request."""

    can = Abilities(idempotent=False, reference=True, poll=True)

    def __init__(self, url: str, token: str, timeout: float, is_local: bool) -> None:
        self._url = url
        self._token = token
        self._timeout = timeout
        self._is_local = is_local
        self.name = urlsplit(url).netloc
        self.patience = ATTEMPTS * (timeout + 1) + 2 * timeout + 1  # longer than this a request takes only if it drips
        stamina.instrumentation.set_on_retry_hooks([])  # nobody wants to read of it

    def send(self, upload: Upload, may_send: Callable[[], bool]) -> Answer:
        """As `Remote.send`."""
        try:
            return self._send(upload, may_send)
        except _TooLate:
            return Answer(UNSENT, "the claim ended before there was a connection")
        except _NO_CONNECTION as error:
            return Answer(UNSENT, self._no_connection(error))
        except httpx.TimeoutException:
            return Answer(UNKNOWN, f"{self.name} did not answer within {self._timeout:g} s")
        except (httpx.HTTPError, httpx.StreamError):
            return Answer(UNKNOWN, f"the connection to {self.name} broke before the answer")
        except Exception as error:
            return Answer(UNKNOWN, f"the request ended with {type(error).__name__}")

    def poll(self, reference: str) -> Polled:
        """As `Remote.poll`."""
        where = f"{self._url}{_PATH}/{quote(reference, safe='')}"
        try:
            with self._client() as client:
                status, body = _fetch(client, where, _REPLY)
                if status != 200:
                    return Polled(None, self._answered(status, body))
                if _object(body).get("status") != "done":
                    return Polled(None, "it is still being processed")
                status, body = _fetch(client, f"{where}/summary.csv", _SUMMARY)
                return Polled(body) if status == 200 else Polled(None, self._answered(status, body))
        except _NO_CONNECTION as error:
            return Polled(None, self._no_connection(error))
        except Exception:
            return Polled(None, f"{self.name} gave no answer")

    def _send(self, upload: Upload, may_send: Callable[[], bool]) -> Answer:
        retries = stamina.retry_context(
            on=_NO_CONNECTION, attempts=ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=1, wait_jitter=0.1
        )
        for attempt in retries:
            with attempt:
                if not may_send():
                    raise _TooLate
                return self._request(upload)
        raise AssertionError

    def _request(self, upload: Upload) -> Answer:
        headers = {
            "Content-Type": "text/csv",
            "Content-Length": str(len(upload.data)),
            "Idempotency-Key": upload.key,
        }
        failpoint("http-before-request")
        with (
            self._client() as client,
            client.stream(
                "POST",
                f"{self._url}{_PATH}",
                params={"place": upload.place, "name": upload.name},
                headers=headers,
                content=_halves(upload.data),
            ) as response,
        ):
            failpoint("http-after-request")
            return self._judge(response.status_code, _body(response, _REPLY), upload)

    def _judge(self, status: int, body: bytes, upload: Upload) -> Answer:
        if 400 <= status < 500:
            return Answer(REFUSED, self._answered(status, body))
        if not 200 <= status < 300:
            moved = ", which leads elsewhere and was not followed" if status < 400 else ""
            return Answer(UNKNOWN, self._answered(status, body) + moved)
        found = _object(body)
        reference, mark = found.get("id"), found.get("sha256", upload.sha256)
        if not isinstance(reference, str) or not reference.isprintable() or not 0 < len(reference) <= _REFERENCE:
            return Answer(UNKNOWN, f"{self._answered(status, b'')}, but named no upload (docs/http.md)")
        if mark != upload.sha256:
            return Answer(UNKNOWN, f"{self._answered(status, b'')}, but for another file than was sent")
        return Answer(ACCEPTED, f"{self.name} accepted it as {reference}", reference)

    def _answered(self, status: int, body: bytes) -> str:
        """`gateway:8000 answered 422: the file has no header`, without secrets."""
        found = _object(body)
        said = ": ".join(text for name in ("error", "mend") if isinstance(text := found.get(name), str))
        said = " ".join("".join(c if c.isprintable() else " " for c in said.replace(self._token, "***")).split())
        said = said if len(said) <= _WORDS else f"{said[: _WORDS - 3]}..."
        return f"{self.name} answered {status}" + (f" ({said})" if said else "")

    def _no_connection(self, error: Exception) -> str:
        if isinstance(error, httpx.TimeoutException):
            return f"{self.name} did not take the connection within {self._timeout:g} s"
        said = _system_words(error)
        return f"no connection to {self.name}" + (f" ({said})" if said else "")

    def _client(self) -> httpx.Client:
        # A new one each time: on a connection that was used before it can be hard to tell whether anything was sent.
        return httpx.Client(
            headers={
                "Authorization": f"Bearer {self._token}",
                "Accept": "application/json, text/csv",
                "User-Agent": f"wxp-lint/{__version__}",
            },
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=not self._is_local,
        )


def _system_words(error: BaseException) -> str:
    """What the system said at the bottom of it: "connection refused"."""
    while below := error.__cause__ or error.__context__:
        error = below
    return (error.strerror or "").lower() if isinstance(error, OSError) else ""


def _halves(data: bytes) -> Iterator[bytes]:
    middle = len(data) // 2
    yield data[:middle]
    failpoint("http-during-request")
    yield data[middle:]


def _fetch(client: httpx.Client, url: str, most: int) -> tuple[int, bytes]:
    with client.stream("GET", url) as response:
        return response.status_code, _body(response, most)


def _body(response: httpx.Response, most: int) -> bytes:
    """What there is of it, up to `most` bytes: the status counts, even if the rest is lost."""
    found = b""
    try:
        for part in response.iter_bytes():
            found += part
            if len(found) > most:
                return found[:most]
    except httpx.HTTPError:
        return found
    return found


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
