"""The service against its own description, and as clients of HMA ask it.

schemathesis makes requests out of docs/openapi.json, good and bad ones: no answer may be a fault of the server, one that the
document does not have, or one whose body is not as described. What is refused with 501 on purpose is left out.
"""

import http.client
import json
import os
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from conftest import ROOT, adlink
from threatexchange.signal_type.pdq.signal import PdqSignal

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection"
IMAGES = ROOT / "fixtures" / "ads" / "images"


@contextmanager
def service(case, *flags):
    listen = [] if "--listen" in flags else ["--listen", "127.0.0.1:0"]
    order = [os.environ["ADLINK"], "serve", "--case", case, *listen, *flags]
    running = subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield running.stdout.readline().strip()
    finally:
        running.terminate()
        assert running.wait(60) == 0


def ask(address, body=None, kind="application/json", token=None, context=None):
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        return json.load(answer)


def form(name, file):
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n\r\n'
    return head.encode() + file.read_bytes() + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "case.adlink"
    adlink("ingest", ROOT / "fixtures" / "ads" / "ads.jsonl", "--case", path, codes=(3,))
    return path


def test_every_answer_is_described(case, tmp_path):
    with service(case) as address:
        for name in ("KNOWN", "A"):
            ask(f"{address}/c/banks", json.dumps({"name": name}).encode())
        order = ["schemathesis", "run", ROOT / "docs" / "openapi.json", "--url", address, "--checks", CHECKS]
        order += ["--phases", "examples,coverage,fuzzing", "--max-examples", os.environ.get("ADLINK_EXAMPLES", "30")]
        order += ["--exclude-path-regex", "^/c/exchanges", "--seed", "1", "--suppress-health-check", "all"]
        done = subprocess.run(list(map(str, order)), capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-6000:]
    assert "as sealed" in adlink("verify", "--case", case).stdout


def test_matches_are_those_of_threatexchange(case):
    files = sorted(file for file in IMAGES.rglob("*.jpg"))[:60]
    with service(case, "--no-parts") as address:
        ask(f"{address}/c/banks", b'{"name": "BANK"}')
        hashes = {}
        for file in files:
            body, kind = form("photo", file)
            try:
                added = ask(f"{address}/c/bank/BANK/content", body, kind)
            except urllib.error.HTTPError as refused:
                # Some of the bundled files are broken on purpose.
                assert refused.code == 400
                continue
            if "pdq" in added["signals"]:
                hashes[added["id"]] = added["signals"]["pdq"]
        assert len(hashes) > 20
        index = PdqSignal.get_index_cls().build((text, number) for number, text in hashes.items())
        for number, text in hashes.items():
            PdqSignal.validate_signal_str(text)
            theirs = {match.metadata: str(match.similarity_info.distance) for match in index.query(text)}
            ours = ask(f"{address}/m/raw_lookup?signal_type=pdq&signal={text}&include_distance=true")["matches"]
            assert {match["bank_content_id"]: match["distance"] for match in ours} == theirs, number


def test_beyond_this_machine_with_a_token_over_tls(case, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    make += ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
    subprocess.run(list(map(str, make)), check=True, capture_output=True)
    token = adlink("token", "create", "--case", case, "--name", "x", "--scope", "match", "--days", "1").stdout.strip()
    flags = ["--no-parts", "--tls-cert", cert, "--tls-key", key, "--listen", "0.0.0.0:0"]
    with service(case, *flags) as address:
        address = f"https://localhost:{address.rsplit(':', 1)[1]}"
        trusting = ssl.create_default_context(cafile=cert)
        assert ask(f"{address}/c/banks", token=token, context=trusting) == []
        for bad in (None, token + "0"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                ask(f"{address}/c/banks", token=bad, context=trusting)
        with pytest.raises(urllib.error.URLError):
            ask(f"{address}/c/banks", token=token)
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(address.replace("https", "http"), token=token)
