"""What openapi.json says, held against a real server by schemathesis."""

import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

TOOL = Path(sys.executable).with_name("schemathesis")


def test_the_server_does_what_its_openapi_document_says(sandbox, tmp_path):
    done = subprocess.run(
        [
            *(TOOL, "run", f"{sandbox.url}/openapi.json", "--no-color", "--seed", "1"),
            *("--header", f"Authorization: {sandbox.client.headers['authorization']}"),
            *("--phases", "examples,coverage", "--generation-database", "none", "--warnings", "off"),
            # No schema can say what a transfer file is: bytes that are none are rightly refused.
            *("--exclude-checks", "positive_data_acceptance"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert " 12/12" in done.stdout
    assert "Traceback" not in sandbox.log.read_text()


def test_the_document_names_every_address_and_is_open_to_all(sandbox):
    document = sandbox.client.get("/openapi.json", headers={"Authorization": ""}).json()

    assert "not HP's" in document["info"]["description"]
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert name in str(document["paths"]) or name in str(document["components"])
    for path, methods in document["paths"].items():
        for method in methods:
            address = path.format(id="u-0", format="csv", place="unassigned")
            answer = sandbox.client.request(method, address, headers={"Authorization": ""})
            assert answer.status_code == 401, (method, path)
