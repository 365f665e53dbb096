"""What keeps other sites and hostile files out."""

import re

import httpx
import pytest
from consoles import TOKEN, transfer_file

from wxp_lint.sandbox.guard import is_own


@pytest.fixture
def browser(sandbox):
    """A client without the bearer token, like a browser."""
    with httpx.Client(base_url=sandbox.url, timeout=10) as client:
        yield client


def csrf(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


def sign_in(browser, token=TOKEN):
    form = {"csrf": csrf(browser.get("/sign-in")), "token": token}
    return browser.post("/sign-in", data=form)


def test_the_cookie_is_for_this_browser_and_site_alone(browser):
    answer = sign_in(browser)

    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


def test_signing_in_gives_a_new_session(browser):
    browser.get("/sign-in")
    before = dict(browser.cookies)
    sign_in(browser)

    assert set(before.values()).isdisjoint(dict(browser.cookies).values())


def test_a_wrong_token_opens_nothing(browser):
    answer = sign_in(browser, "wrong")

    assert answer.status_code == 401
    assert browser.get("/customers").headers["location"] == "/sign-in"


PAGES = ["/", "/customers", "/unassigned", "/notifications", "/notifications/state", "/sandbox", "/sample.csv",
         "/export?place=unassigned&format=csv", "/sandbox/snapshot.json", "/uploads/u-1/summary.csv"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_for_who_is_not_signed_in(browser, path):
    answer = browser.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_signing_out_ends_the_session(browser):
    sign_in(browser)
    kept = dict(browser.cookies)
    browser.post("/sign-out", data={"csrf": csrf(browser.get("/customers"))})

    assert browser.get("/customers", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in kept.items())}).is_redirect


@pytest.mark.parametrize("path", ["/transfers", "/sandbox/reset", "/sandbox/restore", "/sign-out"])
@pytest.mark.parametrize("form", [{}, {"csrf": "x" * 32}, {"csrf": ""}])
def test_a_form_of_another_site_is_refused(sandbox, browser, path, form):
    sandbox.transfer(transfer_file(sandbox.serials()[:1], sandbox.customers()[0]))
    sign_in(browser)

    answer = browser.post(path, data=form)

    assert answer.status_code == 403
    assert "another session" in answer.text
    assert len(sandbox.events()) == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_form_that_another_origin_sends_is_refused(sandbox, browser, origin):
    sign_in(browser)
    word = csrf(browser.get("/sandbox"))

    assert browser.post("/sandbox/reset", data={"csrf": word}, headers={"Origin": origin}).status_code == 403
    assert browser.post("/sandbox/reset", data={"csrf": word}, headers={"Origin": sandbox.url}).status_code == 303


def test_a_session_is_no_token_for_the_api(browser):
    sign_in(browser)

    assert browser.get("/api/events").status_code == 401


@pytest.mark.parametrize("path", ["/customers", "/api/events", "/openapi.json", "/static/app.js"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_another_host_name_is_refused(sandbox, path, host):
    answer = sandbox.client.get(path, headers={"Host": host})

    assert answer.status_code == 421
    assert answer.json()["mend"] == "open the address that it printed"


def test_own_names_are_addresses_and_localhost():
    names = {"localhost", "box.example"}
    own = ["localhost", "LOCALHOST:8484", "127.0.0.1", "127.0.0.1:1", "[::1]:8484", "192.0.2.7", "box.example:80"]
    others = ["", "evil.example", "localhost.", "[evil.example]", "127.0.0.1.evil.example", "::1.evil", "127.1", "1e1"]

    assert [host for host in own if not is_own(host, names)] == []
    assert [host for host in others if is_own(host, names)] == []


def test_every_answer_has_the_headers_that_bind_the_browser(sandbox, browser):
    for path in ("/sign-in", "/nothing", "/static/style.css", "/api/events", "/openapi.json"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/state.py", "/static//etc/passwd"]
)
def test_nothing_but_the_pages_own_files_is_served(sandbox, path):
    answer = sandbox.client.get(path)

    assert answer.status_code in (303, 404)
    assert "import" not in answer.text


def test_a_hostile_name_is_a_text_on_the_page(sandbox, browser):
    name = "<img src=x onerror=alert(1)>.csv"
    sign_in(browser)
    word = csrf(browser.get("/unassigned"))
    data = transfer_file(["<script>"], sandbox.customers()[0])

    browser.post("/transfers", data={"csrf": word, "place": "unassigned"}, files={"file": (name, data)})

    page = browser.get("/unassigned").text + browser.get("/notifications").text
    assert page.count("&lt;img src=x") == 2
    assert "<img" not in page


def test_a_zip_bomb_is_refused(sandbox):
    import io
    import zipfile

    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b" " * (100 << 20))

    answer = sandbox.upload(data.getvalue(), kind="application/octet-stream")

    assert answer.status_code == 422, answer.text
    assert sandbox.events() == []


def test_the_token_is_nowhere_in_what_the_sandbox_writes(start):
    running = start()
    with httpx.Client(base_url=running.url) as client:
        sign_in(client, "wrong")
        sign_in(client)
    running.get("/api/events")
    running.stop()

    assert TOKEN not in running.log.read_text()
    assert TOKEN not in running.first
