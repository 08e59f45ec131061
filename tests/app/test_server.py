"""The server refuses requests from elsewhere, and keeps no file that is too large."""

import base64
import json
import re
import subprocess
import urllib.error
import urllib.request
from threading import Thread

import numpy as np
import pytest

from noisette.app import uploads
from noisette.app.pages import PAGES
from noisette.app.pages.resonance import Resonance
from noisette.app.server import create_app, listen
from noisette.errors import InputError


@pytest.fixture(scope="module")
def client():
    """Return a client of an app that may be opened under one other address."""
    return create_app(["http://lab.example:8050"]).server.test_client()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8050", None, 200),
        ("localhost:8050", None, 200),
        ("[::1]:8050", None, 200),
        ("127.0.0.1:8050", "http://127.0.0.1:8050", 200),
        ("lab.example:8050", "http://lab.example:8050", 200),
        ("evil.example", None, 403),  # a name that is made to point to this computer
        ("127.0.0.1.evil.example:8050", None, 403),
        ("lab.example", None, 403),
        ("127.0.0.1:8050", "http://evil.example", 403),
        ("127.0.0.1:8050", "null", 403),
        ("127.0.0.1:8050", "http://127.0.0.1:9999", 403),
        ("lab.example:8050", "http://127.0.0.1:8050", 403),
    ],
)
def test_only_known_hosts_and_origins_are_answered(client, host, origin, status):
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    for path in ("/", "/_dash-layout", "/assets/explorer.js"):
        with client.get(path, headers=headers) as response:
            assert response.status_code == status


def test_pages_load_nothing_from_elsewhere(client):
    response = client.get("/", headers={"Host": "127.0.0.1"})
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert not re.findall(r"(?:src|href)=.(?:http|//)", response.text)


def test_requests_that_are_too_large_are_refused(client):
    body = b"x" * (uploads.MOST_BYTES * 4 // 3 + 2**21)
    headers = {"Host": "127.0.0.1", "Content-Type": "application/json"}
    assert client.post("/_dash-update-component", data=body, headers=headers).status_code == 413


@pytest.mark.parametrize("origin", ["lab.example", "ftp://lab.example", "http://", "http://lab.example/path", "*"])
def test_origins_are_addresses(origin):
    with pytest.raises(InputError, match="http://HOST"):
        create_app([origin])


def test_other_interfaces_need_an_origin():
    with pytest.raises(InputError, match="--allow-origin"):
        listen(create_app(), "0.0.0.0")


def test_a_port_in_use_is_replaced_only_if_none_was_asked_for():
    first = listen(create_app(), port=0)
    try:
        with pytest.raises(InputError, match="choose another one with --port"):
            listen(create_app(), port=first.port)
    finally:
        first.server_close()


def test_a_server_answers():
    server = listen(create_app(), port=0)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/resonance", timeout=60) as answer:
            assert b"Noisette explorer" in answer.read()
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=60)
    finally:
        server.shutdown()
        server.server_close()


def data_url(content):
    """Return what a browser sends."""
    return "data:application/octet-stream;base64," + base64.b64encode(content).decode()


def test_an_uploaded_matrix_is_used_and_named_by_its_content():
    content = b"0,3\n-3,0\n"
    token = uploads.keep(uploads.decoded(data_url(content), "w.csv"), "w.csv")
    assert token == uploads.keep(content, "other.csv")
    view = Resonance.read({"weights": token, "start": "0"})
    np.testing.assert_array_equal(view.weight_matrix(), [[0, 3], [-3, 0]])


@pytest.mark.slow
def test_the_command_of_an_uploaded_matrix_names_its_file(tmp_path):
    content = ("\n".join(",".join("0.5" for _ in range(70)) for _ in range(70))).encode()
    (tmp_path / "my weights.csv").write_bytes(content)
    view = Resonance(weights=uploads.keep(content, "my weights.csv"), scale=0.5, start=0, steps=10)
    command = PAGES["resonance"].command(view)
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert json.loads(done.stdout)["address"] == view.address()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\x00\x01rubbish", "w.npy", "w.npy"),
        (b"a,b\n1,2\n3", "w.csv", "w.csv"),
        (b"0,1,2\n3,4,5\n", "w.csv", "square"),
        (b"print(1)", "w.py", "w.py"),
        (b"", "w.mat", "w.mat"),
    ],
)
def test_rubbish_is_refused_by_the_name_that_the_user_gave(content, name, words):
    token = uploads.keep(content, name)
    with pytest.raises(InputError) as error:
        Resonance.read({"weights": token})
    assert words in str(error.value)
    assert "noisette-explore-" not in str(error.value)  # the folder of the server


def test_files_that_are_too_large_are_refused_before_they_are_decoded():
    with pytest.raises(InputError, match="at most 16 MB"):
        uploads.decoded("data:;base64," + "A" * (uploads.MOST_BYTES * 4 // 3 + 8), "w.npy")
    with pytest.raises(InputError, match="upload it again"):
        uploads.decoded("data:;base64,***", "w.npy")


def test_the_oldest_of_many_files_are_removed():
    tokens = [uploads.keep(f"{i}".encode(), f"{i}.csv") for i in range(uploads.KEPT + 1)]
    first = uploads.keep(b"first", "first.csv")
    path = uploads.uploaded(first).path
    for i in range(uploads.KEPT):
        uploads.keep(f"more {i}".encode(), "more.csv")
    assert not path.exists()
    for token in (tokens[0], first):
        with pytest.raises(InputError, match="upload it again"):
            uploads.uploaded(token)


def test_a_file_name_does_not_leave_the_folder_of_the_server():
    path = uploads.uploaded(uploads.keep(b"1", "../../../tmp/evil.csv")).path
    assert path.parent.name.startswith("noisette-explore-")
