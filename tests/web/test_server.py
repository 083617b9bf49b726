"""The real server: many at once, double submits, what it says and leaves on the disk."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from uuid import uuid4

import pytest

from tests.web.conftest import AFTER, BEFORE
from tests.web.server import Server, run

BOUNDARY = "----microrelief"
PLANTED = [f"Plantedname{number}" for number in range(500)]


def ask(server, method, path, key, body=None, headers=None):
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=60)
    connection.request(method, path, body=body, headers={"Authorization": f"Bearer {key}", **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def send_json(server, method, path, key, said, **headers):
    return ask(server, method, path, key, json.dumps(said), {"Content-Type": "application/json", **headers})


def send_photo(server, key, patient, data, once):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": once}
    return ask(server, "POST", f"/api/v1/patients/{patient}/photos", key, body, headers)


def test_T13_fifty_at_once_make_one_patient(server, seeded):
    for day in range(1, 4):
        once, name = str(uuid4()), f"Herbst{uuid4().hex[:8]}"
        said = {"family_name": name, "given_name": "Clara", "birth_date": f"1990-01-0{day}"}

        def add(_, said=said, once=once):
            headers = {"Idempotency-Key": once}
            return send_json(server, "POST", "/api/v1/patients", seeded["key"], said, **headers)

        with ThreadPoolExecutor(50) as crowd:
            answers = list(crowd.map(add, range(50)))
        assert {status for status, _ in answers} == {201}
        assert len({json.loads(body)["id"] for _, body in answers}) == 1
        found = json.loads(ask(server, "GET", f"/api/v1/patients?q={name}", seeded["key"])[1])
        assert len(found) == 1


def test_T13_one_photograph_sent_eight_times_at_once_is_kept_once(server, seeded):
    once, before = str(uuid4()), len(list((server.data / "photos" / "blobs").iterdir()))
    with ThreadPoolExecutor(8) as crowd:
        answers = list(
            crowd.map(
                lambda _: send_photo(server, seeded["key"], seeded["anna"], BEFORE.read_bytes(), once),
                range(8),
            )
        )
    assert {status for status, _ in answers} == {201}
    assert len({json.loads(body)["id"] for _, body in answers}) == 1
    assert len(list((server.data / "photos" / "blobs").iterdir())) == before + 3
    status, other = send_photo(server, seeded["key"], seeded["anna"], AFTER.read_bytes(), once)
    assert status == 409, other


def test_T14_of_twenty_edits_of_one_version_one_is_accepted(server, seeded):
    path = f"/api/v1/patients/{seeded['anna']}"
    anna = json.loads(ask(server, "GET", path, seeded["key"])[1])
    same = {
        "family_name": "Sommer",
        "given_name": "Anna",
        "birth_date": "1991-04-12",
        "version": anna["version"],
    }
    with ThreadPoolExecutor(20) as crowd:
        answers = list(
            crowd.map(
                lambda number: send_json(
                    server, "PUT", path, seeded["key"], same | {"note": f"edit {number}"}
                ),
                range(20),
            )
        )
    accepted = [json.loads(body) for status, body in answers if status == 200]
    refused = [json.loads(body) for status, body in answers if status == 409]
    assert len(accepted) == 1
    assert len(refused) == 19
    assert {one["theirs"]["note"] for one in refused} == {accepted[0]["note"]}
    assert len({one["yours"]["note"] for one in refused}) == 19


def test_T35_nothing_of_patients_is_in_what_the_server_says(server, seeded):
    """Names in good requests and bad, in addresses, headers and bodies."""
    for number, name in enumerate(PLANTED):
        way = number % 5
        said = {"family_name": name, "birth_date": "1990-01-01"}
        if way == 0 and number < 100:
            once = {"Idempotency-Key": str(uuid4())}
            status, _ = send_json(server, "POST", "/api/v1/patients", seeded["key"], said, **once)
            assert status in (201, 409)
        elif way == 1:
            status, _ = send_json(
                server, "POST", "/api/v1/patients", seeded["key"], said | {"birth_date": name}
            )
            assert status == 422
        elif way == 2:
            status, _ = ask(server, "GET", f"/api/v1/patients?q={name}%0d%0aFORGED", seeded["key"])
            assert status == 200
        elif way == 3:
            status, body = ask(server, "POST", "/account/sign-in/", name, f"login={name}&password={name}")
            assert status == 403
            assert name.encode() not in body
        else:
            status, _ = ask(server, "GET", "/patients/", seeded["key"], headers={"User-Agent": name})
            assert status == 302
    assert not [name for name in PLANTED if name in server.said]
    assert "FORGED" not in server.said


def test_T31_too_large_is_refused_before_it_is_read(server, seeded):
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", f"/api/v1/patients/{seeded['anna']}/photos")
    connection.putheader("Authorization", f"Bearer {seeded['key']}")
    connection.putheader("Content-Length", str(10**10))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_second_server_on_the_same_folder_is_refused(server):
    code, said = run("serve", "--data", server.data, "--port", "9")
    assert code == 2
    assert "served already" in said


def test_T18_the_command_verifies_and_names_the_first_bad_entry(tmp_path, clinic_folder, server):
    import shutil

    code, said = run("audit", "verify", "--data", clinic_folder)
    assert code == 0, said
    assert "whole" in said
    server_copy = tmp_path / "copy"
    shutil.copytree(clinic_folder, server_copy, ignore=shutil.ignore_patterns("lock", ".serving"))
    head = server_copy / "trail.head"
    head.write_text(head.read_text().replace('"sequence": ', '"sequence": 9'))
    code, said = run("audit", "verify", "--data", server_copy)
    assert code == 1
    assert "first bad entry" in said


@pytest.mark.slow
def test_the_server_comes_back_after_being_killed(tmp_path):
    import signal

    first = Server(tmp_path / "clinic", tmp_path / "first.log")
    first.stop(signal.SIGKILL)
    second = Server(tmp_path / "clinic", tmp_path / "second.log")
    assert second.link != first.link
    second.stop()
