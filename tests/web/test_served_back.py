"""T06: what was uploaded to do harm is refused, or comes back as a picture in which nothing can run."""

import contextlib
import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from PIL import Image, PngImagePlugin

from microrelief.web.people.once import new_key
from microrelief.web.photos.models import Photo
from tests.web.conftest import api_key, sign_in
from tests.web.running import Program, Site, new_folder, photograph

ELSEWHERE = "http://elsewhere.example"
SCRIPT = (
    f"<html><script>document.title='RAN';fetch('{ELSEWHERE}/script')</script>"
    f"<img src='{ELSEWHERE}/picture' onerror=\"document.title='RAN'\"></html>"
).encode()
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='RAN'\"><script>1</script></svg>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF\n"
NAME = "\"><script>document.title='RAN'</script>.html"


def jpeg() -> bytes:
    """With HTML in a comment near its start, where a browser that guesses looks, and behind its end."""
    file = io.BytesIO()
    Image.open(io.BytesIO(photograph("polyglot"))).save(file, "JPEG", comment=SCRIPT, quality=90)
    return file.getvalue() + SCRIPT


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SCRIPT.decode())
    told.add_text("XML:com.adobe.xmp", SVG.decode())
    file = io.BytesIO()
    Image.open(io.BytesIO(photograph("polyglot"))).save(file, "PNG", pnginfo=told)
    return file.getvalue() + SCRIPT


REFUSED = {
    "svg": SVG,
    "svg behind xml": b"<?xml version='1.0'?>\n" + SVG,
    "html": SCRIPT,
    "pdf": PDF,
    "gif": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
    "html before a jpeg": SCRIPT + photograph("x"),
    "pdf before a jpeg": PDF + photograph("x"),
}
KEPT = {"jpeg": jpeg, "png": png}


def addresses(photo_id: str) -> set[str]:
    """Every address of the site, found in its own list, that asks for one photograph and nothing else."""
    found = set()

    def look(patterns, before=""):
        for pattern in patterns:
            path = before + str(pattern.pattern).replace("<uuidstr:", "<uuid:")  # as the API writes it
            if hasattr(pattern, "url_patterns"):
                look(pattern.url_patterns, path)
            elif "<uuid:photo_id>" in path and not re.search("<(?!uuid:photo_id>|size:size>)", path):
                whole = "/" + path.replace("<uuid:photo_id>", photo_id).lstrip("^").rstrip("$")
                found.update(whole.replace("<size:size>", size) for size in ("thumbnail", "screen"))

    look(get_resolver().url_patterns)
    return found


def known(photo_id: str) -> set[str]:
    """Those that the list must at least hold, else it was searched wrongly."""
    return {
        *(f"/photos/{photo_id}/{what}" for what in ("", "thumbnail/", "screen/", "original/")),
        *(f"/api/v1/photos/{photo_id}{what}" for what in ("", "/screen", "/original")),
    }


def upload(cast, way: str, data: bytes, name: str, said_to_be: str):
    file = SimpleUploadedFile(name, data, said_to_be)
    if way == "page":
        form = {"photo": file, "view": "front", "key": new_key()}
        return sign_in(cast.bob).post(reverse("photos", args=[cast.anna.pk]), form)
    headers = {**api_key(cast.bob), "idempotency-key": new_key()}
    return Client().post(f"/api/v1/patients/{cast.anna.pk}/photos", {"photo": file}, headers=headers)


@pytest.mark.parametrize("way", ["page", "program"])
@pytest.mark.parametrize("kind", REFUSED)
def test_T06_what_is_no_photograph_is_not_kept_whatever_it_is_called(cast, way, kind):
    for name, said_to_be in (("a.jpg", "image/jpeg"), ("a.html", "text/html"), ("a.svg", "image/svg+xml")):
        response = upload(cast, way, REFUSED[kind], name, said_to_be)
        assert response.status_code == 422
        assert b"RAN" not in response.content
    assert Photo.objects.count() == 0


@pytest.mark.parametrize("way", ["page", "program"])
@pytest.mark.parametrize("kind", KEPT)
def test_T06_each_address_of_a_kept_polyglot_gives_a_picture_or_a_page_of_ours(cast, way, kind):
    data = KEPT[kind]()
    assert upload(cast, way, data, NAME, "text/html").status_code == (302 if way == "page" else 201)
    photo = Photo.objects.get()
    asked, pictures = addresses(str(photo.pk)), 0
    assert known(str(photo.pk)) <= asked
    for address in sorted(asked):
        api = address.startswith("/api/")
        response = Client().get(address, headers=api_key(cast.bob)) if api else sign_in(cast.bob).get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert response["X-Content-Type-Options"] == "nosniff"
        if response["Content-Type"].startswith("image/"):
            pictures += 1
            assert response["Content-Type"] in ("image/jpeg", f"image/{kind}")
            assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
            if "original" in address:
                assert content == data  # the polyglot itself: what is asserted is of something
                name = response.get("Content-Disposition", "attachment" if api else "")
                assert re.fullmatch(r'attachment(; filename="photo-[\w-]+\.(jpg|png)")?', name)
            else:
                assert b"<script" not in content
                assert b"RAN" not in content
        else:
            assert response["Content-Type"].split(";")[0] in ("text/html", "application/json")
            assert "script-src 'self'" in response["Content-Security-Policy"]
            assert b"<script>document" not in content or "json" in response["Content-Type"]
    assert pictures >= 5
    page = sign_in(cast.bob).get(reverse("photos", args=[cast.anna.pk]))
    assert b"<script>document" not in page.content


def test_T06_an_export_is_saved_and_its_names_are_safe(cast):
    data = jpeg()
    upload(cast, "page", data, NAME, "text/html")
    photo = Photo.objects.get()
    by_page = sign_in(cast.bob).post(reverse("export_patient", args=[cast.anna.pk]), {"how": "plain"})
    assert re.fullmatch(r'attachment; filename="[\w-]+\.zip"', by_page["Content-Disposition"])
    by_api = Client().get(f"/api/v1/patients/{cast.anna.pk}/export?plain=true", headers=api_key(cast.bob))
    for response in (by_page, by_api):
        assert response["Content-Type"] == "application/zip"
        assert response["X-Content-Type-Options"] == "nosniff"
        with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as export:
            assert export.read(f"originals/{photo.pk}.jpg") == data
            assert all(re.fullmatch(r"(originals/)?[\w-]+\.(txt|json|jpg)", one) for one in export.namelist())


@pytest.mark.browser
@pytest.mark.slow
def test_T06_in_chromium_nothing_of_a_polyglot_runs_and_nobody_else_is_asked():
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    from tests.web.test_browser import ARGUMENTS, CHROMIUM

    if not Path(CHROMIUM).is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    folder = new_folder()
    try:
        with Site(folder / "data") as site, sync_api.sync_playwright() as playwright:
            seeded = site.seed(1)
            program = Program(site.start(), seeded["key"])
            sent = [program.upload(seeded["patients"][0], make(), name=NAME) for make in KEPT.values()]
            assert [answer.status for answer in sent] == [201, 201]
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            for answer in sent:
                _open_each(browser, sync_api.Error, site, seeded, answer.json["id"])
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_each(browser, failed, site: Site, seeded: dict, photo_id: str) -> None:
    home = f"http://localhost:{site.port}"
    opened, saved = 0, 0
    for address in ("/control", *sorted(addresses(photo_id))):
        api = {"Authorization": f"Bearer {seeded['key']}"} if address.startswith("/api/") else {}
        context = browser.new_context(accept_downloads=True, extra_http_headers=api)
        context.add_cookies([{"name": "session", "value": seeded["sessions"][0], "url": home}])
        asked: list[str] = []
        context.on("request", lambda request, asked=asked: asked.append(request.url))
        context.route(f"{ELSEWHERE}/**", lambda route: route.abort())
        page = context.new_page()
        names: list[str] = []
        page.on("download", lambda download, names=names: names.append(download.suggested_filename))
        if address == "/control":  # the same bytes from a careless site: else the test could not fail
            context.route(
                f"{home}/control", lambda route: route.fulfill(body=jpeg(), content_type="text/html")
            )
        with contextlib.suppress(failed):  # what is saved opens no page; the controls below count both
            page.goto(home + address)
            opened += 1
        page.wait_for_timeout(300)
        ran = page.title() == "RAN"
        others = [url for url in asked if not url.startswith((home, "blob:", "data:"))]
        saved += len(names)
        if address == "/control":
            assert ran
            assert others
        else:
            assert not ran, address
            assert not others, (address, others)
            assert all(re.fullmatch(r"photo-[\w-]+\.(jpg|png)", name) for name in names), names
        context.close()
    assert opened > 5
    assert saved >= 1
