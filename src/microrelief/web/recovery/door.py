"""The patient's door: a link, one session's diary, and nothing else of the record.

The token stands in an address once. It is exchanged for a cookie of this door alone (path /diary/), and the
cookie names the link, which is asked anew at every step: taken back is taken back at once.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.audit.trail import record
from microrelief.web.clinic.language import language_of_patient
from microrelief.web.clinic.models import the_clinic
from microrelief.web.people.account_adapter import client_address
from microrelief.web.people.once import new_key
from microrelief.web.photos.diary import may_be_taken
from microrelief.web.recovery.actions import (
    ByLink,
    LinkClosed,
    open_link,
    plain_address,
    refuse_link,
    write_entry,
)
from microrelief.web.recovery.asked import asked, read_entry
from microrelief.web.recovery.judged import now, spoken_words
from microrelief.web.recovery.models import EMERGENCY, SAME_DAY, DiaryEntry, DiaryLink
from microrelief.web.recovery.session import skin_type
from microrelief.web.recovery.words import after_words, dialled
from microrelief.web.refusals import Refusal

COOKIE = "__Secure-diary" if settings.SESSION_COOKIE_SECURE else "diary"
COOKIE_LASTS = timedelta(days=2)
"""Since the diary was opened last: one who writes every day opens the link once."""
SALT = "microrelief.recovery.diary"
MOST_REFUSED = 20
REFUSED_WITHIN_SECONDS = 15 * 60
LONGEST_WAIT = timedelta(days=30)


@require_GET
def open_diary(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once: it shall not stand in the history or on a screen."""
    address = client_address(request)
    if _refused_lately(address) >= MOST_REFUSED:
        return _locked(request)
    try:
        link = open_link(token=token, address=address)
    except LinkClosed as closed:
        _count_refusal(address)
        refuse_link(token=token, why=closed.why, address=address)
        response = _closed(request, closed.why)
    else:
        response = _let_in(redirect("diary"), link)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "POST"])
def diary(request: HttpRequest) -> HttpResponse:
    """The questions of this hour; what was written."""
    try:
        by = _holder(request)
    except LinkClosed as closed:
        return _shut(request, closed.why)
    if request.method == "POST":
        return _written(request, by)
    return _let_in(render(request, "recovery/diary.html", _page(by.link)), by.link)


@require_GET
def said(request: HttpRequest) -> HttpResponse:
    """What the last entry means, and what to do today."""
    try:
        by = _holder(request)
    except LinkClosed as closed:
        return _shut(request, closed.why)
    entry = DiaryEntry.objects.filter(treatment=by.link.treatment).order_by("-came_at").first()
    if entry is None:
        return redirect("diary")
    context = {
        **_clinic(),
        "entry": entry,
        "call": entry.is_red,
        "emergency": entry.level == EMERGENCY,
        "same_day": entry.level == SAME_DAY,
        "spoken": spoken_words(entry.said),
        "now": now(entry.treatment, entry.at),
        "fever_from": asked(timezone.localdate(entry.at)).fever_from,
        "diary": str(by.link.treatment_id),
        "until": by.link.expires_at,
    }
    return render(request, "recovery/said.html", context)


@require_GET
def is_open(request: HttpRequest) -> HttpResponse:
    """For the phone that kept an entry: which diary is open here, and the form's token for sending it."""
    try:
        by = _holder(request)
    except LinkClosed as closed:
        return _shut(request, closed.why)
    return JsonResponse({"diary": str(by.link.treatment_id), "csrf": get_token(request)})


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The questions without anybody: what the phone shows where there is no connection."""
    questions = asked(timezone.localdate())
    context = {**_clinic(), "asked": questions, "key": "", "diary": "", "offline": True}
    return render(request, "recovery/diary.html", context)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close the diary on this phone; the link opens it again."""
    response = render(request, "recovery/closed.html", {**_clinic(), "left": True})
    response.delete_cookie(COOKIE, path=reverse("diary"))
    return response


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The diary's service worker; by its address it sees nothing outside /diary/."""
    names = (
        "site/site.css",
        "recovery/diary.css",
        "site/outbox.js",
        "recovery/diary.js",
        "recovery/questions.js",
        "site/mark.svg",
    )
    context = {"kept": [static(name) for name in names], "offline": reverse("diary_offline")}
    return render(request, "recovery/worker.js", context, content_type="text/javascript; charset=utf-8")


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the diary on its first screen."""
    clinic = the_clinic()
    icons = [
        {"src": static(f"site/icon-{side}.png"), "sizes": f"{side}x{side}", "type": "image/png"}
        for side in (192, 512)
    ]
    return JsonResponse(
        {
            "name": _("Diary after the session, %(clinic)s") % {"clinic": clinic}
            if clinic.name
            else _("Diary after the session"),
            "short_name": _("Diary"),
            "id": reverse("diary"),
            "start_url": reverse("diary"),
            "scope": reverse("diary"),
            "display": "standalone",
            "background_color": "#f3f6f7",
            "theme_color": "#0b5a6b",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


def _page(link: DiaryLink, sent: QueryDict | None = None) -> dict[str, Any]:
    treatment, at = link.treatment, timezone.now()
    found = now(treatment, at)
    return {
        **_clinic(),
        "given_name": link.patient.given_name,
        "on": treatment.on,
        "after": after_words(treatment, at),
        "now": found,
        "asked": asked(timezone.localdate(at), found.hours, skin_type(link.patient), sent),
        "before": DiaryEntry.objects.filter(treatment=treatment).exists(),
        "no_photo": not may_be_taken(treatment.patient),
        "key": new_key(),
        "diary": str(treatment.pk),
        "until": link.expires_at,
    }


def _written(request: HttpRequest, by: ByLink) -> HttpResponse:
    sent = read_entry(request.POST)
    photo = request.FILES.get("photo")
    wants_json = "application/json" in request.headers.get("Accept", "")
    if request.POST.get("diary", "") not in ("", str(by.link.treatment_id)):
        says = _("This entry was written for another diary: open that diary's link, and it is sent.")
        return _refused(request, by, wants_json, 409, says)
    try:
        write_entry(
            by=by,
            treatment=by.link.treatment,
            key=request.POST.get("key", ""),
            answers=sent.answers,
            strength=sent.strength,
            note=sent.note,
            at=timezone.now() - _waited(request.POST.get("waited", "")),
            asks_fever=sent.feverish,
            photo=photo.file if photo else None,
            photo_bytes=photo.size or 0 if photo else 0,
            photo_lost=bool(request.POST.get("photo_lost")),
        )
    except LinkClosed as closed:
        return _shut(request, closed.why)
    except Refusal as refusal:
        return _refused(request, by, wants_json, refusal.status, refusal.says)
    where = reverse("diary_said")
    return _let_in(JsonResponse({"url": where}) if wants_json else redirect(where), by.link)


def _refused(request: HttpRequest, by: ByLink, wants_json: bool, status: int, says: str) -> HttpResponse:
    if wants_json:
        return JsonResponse({"says": says}, status=status)
    context = {**_page(by.link, request.POST), "problem": says}
    return render(request, "recovery/diary.html", context, status=status)


def _waited(text: str) -> timedelta:
    """How long the entry lay on the phone, whose clock may be wrong and still tells a difference."""
    seconds = int(text) if text.isdecimal() and len(text) < 10 else 0
    return min(timedelta(seconds=seconds), LONGEST_WAIT)


def _holder(request: HttpRequest) -> ByLink:
    """Who holds an open link; what follows is said in the patient's language. Raises LinkClosed."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_LASTS)
        link_id = UUID(kept["link"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise LinkClosed("not open here") from None
    link = DiaryLink.objects.select_related("patient__surviving", "treatment").filter(pk=link_id).first()
    if link is None or not link.usable:
        raise LinkClosed("unknown" if link is None else link.why_not)
    translation.activate(language_of_patient(link.patient.surviving or link.patient))
    return ByLink(link, client_address(request))


def _let_in(response: HttpResponse, link: DiaryLink) -> HttpResponse:
    """With the cookie of this door, for another while, and never longer than the link."""
    response.set_cookie(
        COOKIE,
        signing.dumps({"link": str(link.pk)}, salt=SALT),
        max_age=min(COOKIE_LASTS, link.expires_at - timezone.now()),
        path=reverse("diary"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # strict would not come along from the message in which the link was sent
    )
    return response


def _shut(request: HttpRequest, why: str) -> HttpResponse:
    """The cookie's link opens no more: said once, and in the trail once, for the cookie goes with it."""
    kept = request.COOKIES.get(COOKIE, "")
    if why in ("expired", "revoked", "closed"):
        link_id = signing.loads(kept, salt=SALT)["link"]
        link = DiaryLink.objects.get(pk=link_id)
        with transaction.atomic():
            by = ByLink(link, client_address(request))
            record("diary.refused", by=by, patient=link.patient_id, facts={"why": why})
    if "application/json" in request.headers.get("Accept", ""):
        response: HttpResponse = JsonResponse({"says": _why_words(why)}, status=410)
    else:
        response = _closed(request, why)
    response.delete_cookie(COOKIE, path=reverse("diary"))
    return response


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "recovery/closed.html", {**_clinic(), "says": _why_words(why)}, status=410)


def _locked(request: HttpRequest) -> HttpResponse:
    says = _("Too many links that open nothing were tried from here. Wait a quarter of an hour.")
    response = render(request, "recovery/closed.html", {**_clinic(), "says": says}, status=429)
    response["Retry-After"] = str(REFUSED_WITHIN_SECONDS)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _why_words(why: str) -> str:
    """One word for unknown and revoked: whoever tries links learns nothing."""
    if why == "not open here":
        return _("The diary is closed on this phone. Open your link once more: scan the code again.")
    return _("This link does not open any more. Call the clinic, which makes a new one.")


def _clinic() -> dict[str, Any]:
    clinic = the_clinic()
    unbroken = clinic.phone.replace(" ", "\u00a0")
    return {"clinic": clinic, "dialled": dialled(clinic.phone), "unbroken": unbroken}


def _refused_lately(address: str) -> int:
    return int(cache.get(f"diary.refused.{address}", 0))


def _count_refusal(address: str) -> None:
    count = _refused_lately(address) + 1
    cache.set(f"diary.refused.{address}", count, REFUSED_WITHIN_SECONDS)
    if count == MOST_REFUSED:
        with transaction.atomic():
            record("diary.locked", by=None, facts={"from": plain_address(address)})
