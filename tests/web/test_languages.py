"""The site in German: every page of the access table, sentences with gaps, the catalogue, who chooses."""

import re
from html import unescape

from django.conf import settings
from django.urls import reverse

from microrelief.web.clinic.models import Clinic
from tests.web.addresses import pages
from tests.web.conftest import sign_in
from tests.web.test_access import arguments, world  # noqa: F401  a fixture

HIDDEN = re.compile(r'<(script|style|svg)\b.*?</\1>|<(p|dd) lang="en">.*?</\2>|<!--.*?-->', re.DOTALL)
"""A consent that was signed in English stays in English, and says so."""
READ_ALOUD = re.compile(r'\b(?:aria-label|title|alt|placeholder|data-confirm)="([^"]+)"')
ENGLISH = re.compile(
    r"\b(the|and|of|is|are|not|this|that|with|for|from|you|your|what|which|by|their|has|have|be|at|on|its|it)\b",
    re.IGNORECASE,
)
NOT_OURS = re.compile(
    r"Sommer|Winter|Anna|Ben\b|Erin is away|Bob|Carol|Alice|Dan\b|Erin|Microrelief|A claim|"
    r"Port of Spain|Isle of Man|^[\w-]+\.[\w.]+$"
)
"""Names and words of the cast, and ids of rules."""


def said_on(page: str) -> list[str]:
    """What stands between tags and what is read aloud."""
    page = HIDDEN.sub(" ", page)
    return [unescape(" ".join(one.split())) for one in READ_ALOUD.findall(page) + re.split(r"<[^>]*>", page)]


def left_in_english(page: str) -> list[str]:
    left = []
    for said in said_on(page):
        words = ENGLISH.findall(NOT_OURS.sub("", said))
        if len(words) >= 1 and not NOT_OURS.fullmatch(said):
            left.append(said)
    return left


def test_no_page_is_half_english(cast, world):  # noqa: F811
    Clinic.objects.update_or_create(pk=1, defaults={"language": "de"})  # and so the patients'
    client = sign_in(cast.alice)
    bob = sign_in(cast.bob)
    for one in (client, bob):
        one.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    wrong, seen = [], 0
    for name, address in pages().items():
        if "GET" not in address.methods or "api" in name or name in ("health",):
            continue
        which = world[address.about].get("own", next(iter(world[address.about].values())))
        for who in (client, bob):
            response = who.get(reverse(name, args=arguments(name, address, which, cast)))
            if response.streaming:
                b"".join(response.streaming_content)
                continue
            if response.status_code != 200 or "text/html" not in response["Content-Type"]:
                continue
            seen += 1
            page = response.content.decode()
            assert 'lang="de"' in page, name
            wrong += [f"{name}: {said}" for said in left_in_english(page)]
    assert seen > 60
    assert not wrong, "\n".join(dict.fromkeys(wrong))
