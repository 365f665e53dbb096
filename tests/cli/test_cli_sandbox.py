"""How `wxp-lint sandbox` starts, and what it says when it cannot."""

import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest


@contextmanager
def running(environment, folder, *arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "wxp_lint", "sandbox", *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    hang = threading.Timer(60, process.kill)
    hang.start()
    try:
        yield process
    finally:
        hang.cancel()
        process.kill()
        process.communicate()


def test_the_first_line_comes_when_the_port_accepts(environment, folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with running(environment, folder, "--port", port, "--state", "a/b/state", "--token", "T") as process:
        assert process.stdout.readline() == f"listening on http://127.0.0.1:{port}\n"
        socket.create_connection(("127.0.0.1", port)).close()
        assert (folder / "a/b/state").is_file()

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out == ""
    assert process.returncode == 0
    assert "Traceback" not in err


def test_without_a_token_one_is_made_up_and_told(environment, folder):
    told = set()
    for _ in range(2):
        with running(environment, folder, "--port", 0) as process:
            assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
            line = process.stdout.readline()
        assert line.startswith("sign in with the token ")
        assert len(line.split()[-1]) >= 20
        told.add(line)
    assert len(told) == 2


def test_another_address_is_warned_of(environment, folder):
    with running(environment, folder, "--port", 0, "--host", "0.0.0.0", "--token", "T") as process:
        assert process.stdout.readline().startswith("listening on http://0.0.0.0:")
        assert process.stderr.readline().startswith("warning: at 0.0.0.0 everybody who reaches this computer")


def test_a_port_in_use_is_told(cli):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = cli("sandbox", "--port", port)

    assert done.code == 2
    assert done.err == (
        f"wxp-lint: --host 127.0.0.1 --port {port}: cannot listen there (address already in use): choose another port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "slw"], "--fault slw: there is no such fault; did you mean 'slow'?"),
        (["--behaviour", "bom=maybe"], "--behaviour bom=maybe: write bom=accept or bom=refuse"),
        (["--from", "nowhere"], "nowhere"),
        (["--from", ".", "--seed", "1"], "--from brings its own customers and PCs: leave --seed"),
        (["--from", "."], "no inventory configured"),
        (["--port", "70000"], "70000"),
        (["--host", "no.such.host.invalid"], "choose another address"),
        (["--token", ""], "--token"),
    ],
)
def test_what_it_cannot_start_with_is_told(cli, arguments, words):
    done = cli("sandbox", "--port", "0", *arguments)

    assert done.code == 2, done.err
    assert words in done.err
    assert done.out == ""


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "jinja2", "python_multipart"])
def test_a_missing_package_is_told_with_what_brings_it(cli, tmp_path, package):
    (tmp_path / "site").mkdir()
    blocker = f"import sys\nsys.modules[{package!r}] = None\n"
    (tmp_path / "site/sitecustomize.py").write_text(blocker)

    done = cli("sandbox", env={"PYTHONPATH": f"{tmp_path / 'site'}:{__file__.rpartition('/tests/')[0]}"})

    assert done.code == 2, done.err
    assert 'pip install "wxp-lint[sandbox]"' in done.err
    assert done.err.count("\n") == 1


def test_help_names_every_fault_and_behaviour(cli):
    from wxp_lint.sandbox.behaviour import SWITCHES
    from wxp_lint.sandbox.faults import FAULTS

    said = " ".join(cli("sandbox", "--help", env={"COLUMNS": "200"}).out.split())

    assert all(name in said for name in FAULTS)
    for switch in SWITCHES:
        assert f"{switch.name}={'|'.join(switch.choices)}" in said
