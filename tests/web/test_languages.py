"""The site in German: every page of the access table, sentences with gaps, the catalogue, who chooses."""

import re
from html import unescape

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import override

from microrelief.web.clinic.models import Clinic
from microrelief.web.consents.actions import current_texts
from microrelief.web.languages.catalogue import wrongs_of
from microrelief.web.languages.gathered import SITE
from microrelief.web.languages.sentences import spoken, spoken_page
from microrelief.web.languages.templatetags.spoken import arrow_back, arrow_on
from microrelief.web.measuring.process import MeasuringProcess
from microrelief.web.plans.actions import begin_plan
from microrelief.web.treatments.actions import begin_treatment
from tests.web.addresses import pages
from tests.web.conftest import AFTER, BEFORE, sign_in
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


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("What to do", "Was zu tun ist"),
        ("30 days have passed, 28 are asked for.", "30 Tage sind vergangen, 28 werden verlangt."),
        (
            "Four weeks or more lie between sessions. Only 12 days have passed.",
            "Zwischen zwei Sitzungen liegen vier Wochen oder mehr. Erst 12 Tage sind vergangen.",
        ),
        ("4° to their left, chin 2° down", "4° nach links (Patientenseite), Kinn 2° tiefer"),
        (
            "Redness and pigment: no change we can measure.",
            "Rötung und Pigment: keine Veränderung, die wir messen können.",
        ),
        ("1.5 mm", "1,5 mm"),
        ("2026-11-28: not comparable", "28. November 2026: nicht vergleichbar"),
        (
            "3 Mar 2026 – 1 Jun 2026: Redness and pigment: no change we can measure.",
            "3.\u00a0Mär\u00a02026 – 1.\u00a0Jun\u00a02026: "
            "Rötung und Pigment: keine Veränderung, die wir messen können.",
        ),
        ("0.175 of the skin", "0,175 der Haut"),
        ("−0.031 log contrast", "−0,031 logarithmischer Kontrast"),
        ("0.069 of lip, chin, jaw", "0,069 von Lippe, Kinn, Kiefer"),
        (
            "comparing light and camera 1.1 · laying the faces over each other 16.7",
            "Licht und Kamera werden verglichen 1,1 · die Gesichter werden übereinandergelegt 16,7",
        ),
        (
            ": alike in every respect we check. No check spoke against this pair.",
            ": in jeder geprüften Hinsicht gleich. Keine Prüfung sprach gegen dieses Paar.",
        ),
        (
            "0 of 8 true changes of −10 %, 14 of 24 true changes of −20 %",
            "0 von 8 wahren Veränderungen von −10 %, 14 von 24 wahren Veränderungen von −20 %",
        ),
        ("−10 %, found", "−10 %, gefunden"),
        ("Treat, Dr Berg", "Behandeln, Dr Berg"),
        ("from 5 May on", "from 5.\u00a0Mai on"),
        ("3 October 2026", "3.\u00a0Oktober\u00a02026"),
        (
            "The photograph: this is not a picture; give a JPEG, PNG, TIFF, WebP or HEIC photograph.",
            "Das Foto: dies ist kein Bild; geben Sie ein Foto an (JPEG, PNG, TIFF, WebP oder HEIC).",
        ),
        # what somebody wrote, and what nobody translated, stays as it is
        ("2 Octenisept wipes, 1 Marcaine", "2 Octenisept wipes, 1 Marcaine"),
        ("31 Feb", "31 Feb"),
        ("0 January", "0 January"),
        ("Sommer, Anna", "Sommer, Anna"),
        ("Do not rely on the weather.", "Do not rely on the weather."),
        ("", ""),
    ],
)
def test_a_sentence_is_said_with_its_gaps(english, german):
    with override("de"):
        assert spoken(english) == german
    with override("en"):
        assert spoken(english) == english


def test_a_day_of_a_form_is_said_in_words_in_every_language():
    for language, says in (("en", "7 May 2027"), ("de", "7. Mai 2027")):
        with override(language):
            assert spoken("2027-05-07") == says


def test_what_staff_wrote_of_an_event_is_shown_letter_for_letter(cast):
    """A day in it is written as the program writes them, and is still not ours to change."""
    sheet = begin_treatment(by=cast.actor("bob"), patient=cast.anna)
    sheet.events = [{"grade": 2, "kind": "swelling", "says": "Done. Seen on 3 Oct"}]
    sheet.signed_at, sheet.signed_by = timezone.now(), cast.bob
    sheet.save()
    bob = sign_in(cast.bob)
    bob.post(reverse("choose_language"), {"language": "de"})
    for page in (reverse("treatment", args=[sheet.pk]), reverse("patient", args=[cast.anna.pk])):
        assert "Done. Seen on 3 Oct" in bob.get(page).content.decode(), page


def test_markup_of_the_report_stays_markup():
    page = '<p title="What to do"><b>Not comparable.</b> a &lt;b&gt; 1.5 mm</p>'
    with override("de"):
        assert (
            spoken_page(page) == '<p title="Was zu tun ist"><b>Nicht vergleichbar.</b> a &lt;b&gt; 1.5 mm</p>'
        )


@pytest.mark.slow
def test_no_comparison_is_half_english():
    """The page of the report as the child writes it today, of a pair that has numbers."""
    question = {"ask": "pair", "names": ["front 1", "front 2"], "taken_at": ["2026-01-01", "2026-06-01"]}
    child = MeasuringProcess()
    body = child.ask(question, [BEFORE.read_bytes(), AFTER.read_bytes()], seconds=600).says["body"]
    child.stop()
    with override("de"):
        page = spoken_page(body)
    assert "Narben" in page
    wrong = left_in_english(re.sub(r"<code>.*?</code>", " ", page, flags=re.DOTALL))
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def language_of(response) -> str:
    return re.search(r'<html lang="([\w-]+)" dir="(\w+)"', response.content.decode()).group(1)


def test_who_chooses_the_language(cast):
    sign_in_page = reverse("account_login")
    assert language_of(Client().get(sign_in_page)) == "en"
    german = Client(headers={"accept-language": "de-CH,de;q=0.9,en;q=0.8"})
    page = german.get(sign_in_page)
    assert language_of(page) == "de"
    assert "Anmelden" in page.content.decode()
    german.post(reverse("browser_language"), {"language": "en", "next": sign_in_page})
    assert language_of(german.get(sign_in_page)) == "en", "what was chosen on this browser goes first"
    bob = sign_in(cast.bob)
    assert language_of(bob.get(reverse("you"))) == "en"
    Clinic.objects.update_or_create(pk=1, defaults={"language": "de"})
    assert language_of(bob.get(reverse("you"))) == "de"
    bob.post(reverse("choose_language"), {"language": "en"})
    assert language_of(bob.get(reverse("you"))) == "en", "one's own language goes before the clinic's"


def test_the_patient_reads_in_their_own_language(cast):
    cast.anna.language = "de"
    cast.anna.save()
    plan = begin_plan(by=cast.actor("bob"), patient=cast.anna)
    page = sign_in(cast.bob).get(reverse("aftercare_sheet", args=[plan.pk]))
    assert language_of(page) == "de"
    assert "Nach Ihrer Sitzung" in page.content.decode()
    texts = {text.purpose: text.language for text in current_texts("de")}
    assert set(texts.values()) == {"de"}


def test_numbers_that_a_browser_reads_keep_their_point(cast):
    scar = {"kind": "rolling", "zone": "chin", "x": 512, "y": 700, "size_mm": 1.5, "count": 1}
    with override("de"):
        row = render_to_string(
            "consultations/scar_row.html", {"scar": scar, "kinds": ["rolling"], "zones": []}
        )
    assert 'value="1.5"' in row


@pytest.mark.django_db
@override_settings(LANGUAGES_BIDI=["de"])
def test_a_language_from_right_to_left_turns_the_page():
    client = Client(headers={"accept-language": "de"})
    assert '<html lang="de" dir="rtl">' in client.get(reverse("account_login")).content.decode()
    with override("de"):
        assert (arrow_back(), arrow_on()) == ("→", "←")


def test_the_catalogue_is_checked():
    told = Catalog(locale="de")
    told.add("Whole: {name}", "Ganz: {name}")
    told.add("Not said")
    told.add("Other gaps: {name}", "Andere: {nama}")
    told.add("Doubtful", "Zweifelhaft", flags={"fuzzy"})
    told.add(("%(count)s day", "%(count)s days"), ("%(count)s Tag", "%(count)s Tage"))
    wrong = wrongs_of(told, "de")
    assert [len(wrong), "Not said" in wrong[0], "Other gaps" in wrong[1], "Doubtful" in wrong[2]] == [
        3,
        True,
        True,
        True,
    ]


def test_every_format_of_a_day_has_its_german_one():
    asked = {
        found
        for file in SITE.glob("*/templates/**/*.html")
        for found in re.findall(r"""\|date:["']([^"']+)["']""", file.read_text("utf-8"))
    }
    plain = {"Y-m-d", "H:i", "H:i T", "Y", "c"}
    assert len(asked) > 5
    assert {one for one in asked - plain if get_format(one, "de") == one} == set()
