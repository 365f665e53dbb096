"""The API of a real server, started by the real command line."""

import io
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import httpx
import pytest
from consoles import ASSIGNMENTS, TOKEN, transfer_file
from openpyxl import load_workbook

from wxp_lint.sandbox.world import UNASSIGNED_ID


def lines(answer):
    return answer.text.splitlines()


def cells(answer):
    return [list(row) for row in load_workbook(io.BytesIO(answer.content)).active.values]


def test_an_upload_is_accepted_processed_and_told(sandbox):
    one, two, three, *_ = sandbox.serials()
    target = sandbox.customers()[0]
    data = transfer_file([one, two, "5CG0000XXX"], target)

    answer = sandbox.upload(data)

    told = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == told["url"] == f"/api/uploads/{told['id']}"
    assert (told["status"], told["summary"], told["rows"]) == ("processing", None, 3)
    early = sandbox.client.get(f"{told['url']}/summary.csv")
    assert (early.status_code, early.json()["mend"]) == (409, "ask again until its status is done")

    done = sandbox.done(told["id"])
    expected = [
        ["Serial Number", "Customer ID", "Status", "Message"],
        [one, target, "Moved", ""],
        [two, target, "Moved", ""],
        ["5CG0000XXX", target, "Error", "Not found among your devices"],
    ]
    assert [line.split(",") for line in lines(sandbox.get(done["summary"]["csv"]))] == expected
    assert cells(sandbox.get(done["summary"]["xlsx"])) == [[cell or None for cell in row] for row in expected]
    assert {one, two} <= set(sandbox.serials(target))
    assert {one, two}.isdisjoint(sandbox.serials())
    assert three in sandbox.serials()


def test_an_event_tells_what_was_accepted(sandbox):
    serials = sandbox.serials()[:2]
    target = sandbox.customers()[1]
    data = transfer_file(serials, target)

    sandbox.transfer(data)

    (event,) = sandbox.events()
    assert event.pop("at")[10] == "T"
    assert event == {
        "kind": "upload",
        "sha256": sha256(data.encode()).hexdigest(),
        "place": "unassigned",
        "target": target,
        "rows": 2,
        "serials": serials,
    }


def test_the_same_file_again_is_another_transfer(sandbox):
    target = sandbox.customers()[0]
    data = transfer_file(sandbox.serials()[:1], target)

    assert "Moved" in sandbox.transfer(data)[1]
    assert "Already in Customer 01" in sandbox.transfer(data)[1]
    assert len(sandbox.events()) == 2
    assert len({one["id"] for one in sandbox.get("/api/uploads")["uploads"]}) == 2


def test_a_mistake_is_undone_by_another_transfer(sandbox):
    before = sandbox.serials()
    wrong = sandbox.customers()[2]
    sandbox.transfer(transfer_file(before[:3], wrong))
    assert sandbox.serials() == before[3:]

    back = transfer_file(before[:3], UNASSIGNED_ID)
    assert all("Moved" in line for line in sandbox.transfer(back, place=wrong)[1:])
    assert sandbox.serials() == before


def test_a_form_is_taken_like_the_bytes_alone(sandbox):
    target = sandbox.customers()[0]
    data = transfer_file(sandbox.serials()[:1], target).encode()

    answer = sandbox.client.post(
        "/api/uploads", params={"place": "unassigned"}, files={"file": ("../x/y.csv", data, "text/csv")}
    )

    assert answer.status_code == 202, answer.text
    assert (answer.json()["name"], answer.json()["sha256"]) == ("y.csv", sha256(data).hexdigest())


def test_a_workbook_is_taken(sandbox):
    target = sandbox.customers()[0]
    sample = load_workbook(io.BytesIO(sandbox.get("/api/sample.xlsx").content))
    sample.active["A2"], sample.active["B2"] = sandbox.serials()[0], target
    data = io.BytesIO()
    sample.save(data)

    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = sandbox.upload(data.getvalue(), kind=kind)

    assert answer.status_code == 202, answer.text
    assert "Moved" in sandbox.get(sandbox.done(answer.json()["id"])["summary"]["csv"]).text


def test_lists_and_their_exports_say_the_same(sandbox):
    for place in sandbox.get("/api/places")["places"]:
        listed = sandbox.get(f"/api/places/{place['id']}/devices")["devices"]
        expected = [["Serial Number", "Device Name", "Last Seen"]]
        expected += [[one["serial"], one["name"], one["last_seen"]] for one in listed]
        export = sandbox.get(f"/api/places/{place['id']}/export.csv")
        assert len(listed) == place["devices"]
        assert [line.split(",") for line in lines(export)] == expected
        assert cells(sandbox.get(f"/api/places/{place['id']}/export.xlsx")) == expected
    assert 'filename="customer-03-2' in export.headers["content-disposition"]


@pytest.mark.parametrize(
    ("send", "status", "what"),
    [
        ({}, 400, "nobody knows from where"),
        ({"params": {"place": "nowhere"}}, 404, "there is no such place"),
        ({"params": {"place": "unassigned"}, "content": b"{}"}, 415, "none of a transfer file"),
        ({"params": {"place": "unassigned"}, "content": b"", "type": "text/csv"}, 422, "no PC in the file"),
        ({"params": {"place": "unassigned"}, "content": b"\x89PNG", "type": "text/csv"}, 422, "PNG picture"),
        ({"params": {"place": "unassigned"}, "data": {"file": "x"}}, 415, "none of a transfer file"),
        ({"params": {"place": "unassigned"}, "content": b"x", "type": "multipart/form-data"}, 400, "cannot be read"),
        ({"params": {"place": "unassigned"}, "files": {"other": b"x"}}, 400, "no file in the form"),
        ({"params": {"place": "unassigned"}, "content": b"x" * (6 << 20), "type": "text/csv"}, 413, "larger than"),
        ({"params": {"place": "unassigned"}, "content": b"x" * (21 << 20), "type": "text/csv"}, 413, "larger than"),
    ],
)
def test_what_cannot_be_taken_says_what_and_how_to_mend_it(sandbox, send, status, what):
    kind = send.get("type")
    more = {name: value for name, value in send.items() if name != "type"}

    answer = sandbox.client.post("/api/uploads", headers={"Content-Type": kind} if kind else {}, **more)

    assert answer.status_code == status, answer.text
    assert what in answer.json()["error"]
    assert answer.json()["mend"]
    assert sandbox.events() == []


def test_a_body_without_a_stated_length_is_not_read_for_ever(sandbox):
    taken = 0

    def endless():
        nonlocal taken
        while taken < 1 << 30:
            taken += 1 << 20
            yield b"x" * (1 << 20)

    try:
        status = sandbox.client.post(
            "/api/uploads", params={"place": "unassigned"}, content=endless(), headers={"Content-Type": "text/csv"}
        ).status_code
    except httpx.TransportError:  # it stopped reading while we were still sending
        status = 413

    assert status == 413
    assert taken < 100 << 20
    assert sandbox.events() == []
    assert "Traceback" not in sandbox.log.read_text()


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(sandbox):
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        head = "POST /api/uploads?place=unassigned HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {TOKEN}"
        more = "Content-Type: text/csv", "Content-Length: 1000", "", "Serial Number,"
        wire.sendall("\r\n".join((*head, *more)).encode())

    time.sleep(0.2)
    assert sandbox.events() == []
    assert "Traceback" not in sandbox.log.read_text()


@pytest.mark.parametrize("path", ["/api/uploads/u-1", "/api/places/x/devices", "/api/sample.pdf", "/api/nothing"])
def test_what_is_not_there_is_told_in_json(sandbox, path):
    answer = sandbox.client.get(path)

    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "mend"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"bearer{TOKEN}", TOKEN])
def test_nothing_is_told_without_the_token(sandbox, header):
    given = {} if header is None else {"Authorization": header}
    with httpx.Client(base_url=sandbox.url, headers=given) as client:
        for method, path in [("GET", "/api/events"), ("POST", "/api/uploads"), ("POST", "/api/reset")]:
            answer = client.request(method, path)
            assert answer.status_code == 401
            assert TOKEN not in answer.text
            assert "Authorization: Bearer" in answer.json()["mend"]


def test_a_snapshot_brings_everything_back(sandbox):
    snapshot = sandbox.get("/api/snapshot")
    before = sandbox.serials()
    sandbox.transfer(transfer_file(before[:2], sandbox.customers()[0]))
    assert sandbox.get("/api/snapshot") != snapshot

    assert sandbox.client.put("/api/snapshot", json=snapshot).status_code == 200
    assert (sandbox.serials(), sandbox.events()) == (before, [])

    wrong = {**snapshot, "devices": [["5CG8234XMV", "", "", "nowhere"]]}
    answer = sandbox.client.put("/api/snapshot", json=wrong)
    assert (answer.status_code, answer.json()["error"][:30]) == (409, "the snapshot contradicts itsel")
    assert sandbox.client.put("/api/snapshot", content=b"[" * 100_000).status_code == 422
    assert sandbox.serials() == before


def test_every_accepted_upload_of_many_at_once_is_one_event(sandbox):
    serials = sandbox.serials()
    target = sandbox.customers()[0]
    files = [transfer_file([serial], target) for serial in serials]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sandbox.upload, files))

    assert {answer.status_code for answer in answers} == {202}
    events = sandbox.events()
    assert sorted(event["sha256"] for event in events) == sorted(sha256(file.encode()).hexdigest() for file in files)
    for answer in answers:
        sandbox.done(answer.json()["id"])
    assert sandbox.serials() == []


def test_an_accepted_upload_survives_a_kill(start, tmp_path):
    state = tmp_path / "new/folder/state"
    running = start("--state", state, "--devices", 20)
    serials = running.serials()
    target = running.customers()[0]

    for serial in serials[:4]:
        assert running.upload(transfer_file([serial], target)).status_code == 202
        events = running.events()
        running.kill()
        running = start("--state", state)
        assert running.events() == events

    for upload in running.get("/api/uploads")["uploads"]:
        running.done(upload["id"])
    assert set(running.serials(target)) >= set(serials[:4])
    assert "going on with the world that is kept there" in running.log.read_text()


def test_what_was_answered_is_on_record_whenever_it_is_killed(start, tmp_path):
    state = tmp_path / "state"
    acknowledged = set()
    for pause in (0.02, 0.07, 0.15):
        running = start("--state", state, "--devices", 20)
        target = running.customers()[0]

        def send(number, running=running, target=target):
            data = transfer_file([f"5CG823{number:04}"], target)
            try:
                if running.upload(data).status_code == 202:
                    acknowledged.add(sha256(data.encode()).hexdigest())
            except httpx.TransportError:
                pass

        before = len(acknowledged)
        with ThreadPoolExecutor(4) as pool:
            for number in range(200):
                pool.submit(send, before + number)
            while len(acknowledged) == before:
                time.sleep(0.005)
            time.sleep(pause)
            running.process.kill()

    events = [event["sha256"] for event in start("--state", state).events()]
    assert len(acknowledged) >= 3
    assert acknowledged <= set(events)


def test_an_assignments_repo_is_the_world(start):
    running = start("--from", ASSIGNMENTS)
    places = {place["name"]: place for place in running.get("/api/places")["places"]}

    assert {name: place["devices"] for name, place in places.items()} == {
        "Unassigned Devices": 60,
        "Acme Logistics": 25,
        "Bergmann Optik": 18,
        "Canal Street Clinics": 0,
        "Delta Ferries": 0,
    }
    acme = places["Acme Logistics"]["customer_id"]
    file = (ASSIGNMENTS / "transfers/acme/2026-11-new-laptops.csv").read_text()
    summary = running.transfer(file)
    assert len(summary) == 15
    assert all(",Moved," in line for line in summary[1:])
    assert len(running.serials(acme)) == 39
    workbook = (ASSIGNMENTS / "transfers/canal/2026-11-clinic-laptops.xlsx").read_bytes()
    answer = running.upload(workbook, kind="application/octet-stream")
    assert answer.status_code == 202, answer.text


def test_the_slow_fault_is_about_the_answer_not_the_record(start):
    running = start("--fault", "slow")
    data = transfer_file(running.serials()[:1], running.customers()[0])

    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        answer = pool.submit(running.upload, data)
        while not running.events():
            assert time.monotonic() - began < 1.9
            time.sleep(0.05)
        assert not answer.done()
        assert answer.result().status_code == 202
        assert 1.9 < time.monotonic() - began < 8
