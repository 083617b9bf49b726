"""T10: every address x method x person x record, from URL configuration and OpenAPI; each cell declared.

For each cell the answer follows from the declaration: not signed in -> sign-in page (401 in the API); role or
scope too small -> 403; somebody else's, erased, merged, or no record -> 404; a method nobody declared -> 405;
else anything but these and but a fault.
"""

import io
import json
from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from microrelief.web.api.endpoints import api as ninja
from microrelief.web.api.models import ApiKey
from microrelief.web.brake.models import Stop
from microrelief.web.clinic_rules.actions import set_limit
from microrelief.web.comparisons.actions import compare_sets, keep_result
from microrelief.web.consents.actions import record_consent
from microrelief.web.consultations.actions import begin_consultation
from microrelief.web.custody.erasure import erase_patient
from microrelief.web.measuring.wire import Message
from microrelief.web.patients import actions
from microrelief.web.patients.models import CareRelation, Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Invitation, hash_token, new_token
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import remove_photo
from microrelief.web.plans.actions import begin_plan
from microrelief.web.plans.models import PlanLink
from microrelief.web.recovery.actions import make_link, write_event
from microrelief.web.retests.actions import add_volunteer, keep_conclusion
from microrelief.web.stock.actions import add_item
from microrelief.web.treatments.actions import begin_treatment
from microrelief.web.visits.actions import plan_visit
from tests.web.addresses import ANY, PUBLIC, SIGNED_IN, Address, api, pages
from tests.web.conftest import BEFORE, api_key, patient, sign_in
from tests.web.test_consents import answer
from tests.web.test_photos import add
from tests.web.test_photosets import picture, take
from tests.web.test_recovery import session, write

ALLAUTH = ("account_", "mfa_", "usersessions_")


def named_patterns() -> list[str]:
    found = []

    def walk(patterns, namespace=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                walk(pattern.url_patterns, namespace + inner)
            elif isinstance(pattern, URLPattern):
                found.append(namespace + (pattern.name or str(pattern.pattern)))

    walk(get_resolver().url_patterns)
    return found


def operations() -> set[tuple[str, str]]:
    schema = ninja.get_openapi_schema()
    return {(method, path) for path, methods in schema["paths"].items() for method in methods}


def test_T10_every_address_is_declared():
    described = {
        f"api:{operation.view_func.__name__}"
        for router in ninja._routers
        for view in router[1].path_operations.values()
        for operation in view.operations
    }
    undeclared = set(named_patterns()) - set(pages()) - described
    assert not undeclared, "declare them in tests/web/addresses.py"
    assert not set(pages()) - set(named_patterns()), "declared, and not there"
    assert operations() == set(api())
    assert len(pages()) >= 60
    assert len(api()) >= 14


@pytest.fixture
def world(cast):
    """For each kind of record: one that Bob, Carol and Alice treat, and those that must seem not there."""
    bob, erin = cast.actor("bob"), cast.actor("erin")
    merged = patient(cast.bob, "Sommer", "A.", date(1991, 4, 13))
    erased = patient(cast.alice, "Frost", "Eva", date(1970, 1, 1), team=(cast.bob, cast.carol))
    restricted = patient(cast.bob, "Regen", "Rolf", date(1970, 1, 2), team=(cast.carol,))
    with_photos = {"own": cast.anna, "foreign": cast.ben, "erased": erased, "restricted": restricted}
    photos = {
        name: add(cast, who="erin" if name == "foreign" else "bob", whom=whom)
        for name, whom in with_photos.items()
    }
    removed = add(cast)
    remove_photo(by=bob, photo=removed, version=1)
    consents = {"own": answer(cast)}
    for name, whom in (("foreign", cast.ben), ("erased", erased), ("restricted", restricted)):
        consents[name] = record_consent(
            by=erin if name == "foreign" else bob,
            patient=whom,
            key=new_key(),
            purpose="record",
            answer="given",
            how="paper",
            signed_on=date(2026, 1, 1),
        )
    found = compared(cast, with_photos)
    actions.merge_patients(by=bob, duplicate=merged, into=cast.anna, birth_date=cast.anna.birth_date)
    erase_patient(by=cast.actor("alice"), patient=erased, version=1, number=str(erased.number), basis="law")
    cast.alice.refresh_from_db()
    restricted.refresh_from_db()
    type(restricted).objects.filter(pk=restricted.pk).update(restricted_at="2026-01-01T00:00:00Z")
    actions.break_glass(
        by=bob, number=str(cast.ben.number), birth_date=cast.ben.birth_date, reason="Erin is away today"
    )
    glass = CareRelation.objects.get(kind=CareRelation.BROKE_GLASS)
    CareRelation.objects.filter(pk=glass.pk).update(until=glass.since)  # it has closed again
    link = Invitation.objects.create(
        kind="join", role="assistant", token_hash=hash_token(new_token()), expires_at="2999-01-01T00:00:00Z"
    )
    api_key(cast.bob)
    key = ApiKey.objects.get()
    stop = Stop.objects.create(person=cast.erin, kind=Stop.NOTICED, what="original", door="page", photos=48)
    missing = uuid4()
    begun = {"consultation": begin_consultation, "plan": begin_plan, "treatment": begin_treatment}
    sheets = {
        noun: {"own": begin(by=bob, patient=cast.anna).pk, "foreign": begin(by=erin, patient=cast.ben).pk}
        | {"none": missing}
        for noun, begin in begun.items()
    }
    diaries = {name: recovery(cast, who, whom) for name, who, whom in SEEN}
    visits = {
        name: plan_visit(
            by=erin if name == "foreign" else bob,
            patient=whom,
            key=new_key(),
            on=timezone.localdate(),
            purpose="session",
        ).pk
        for name, whom in (("own", cast.anna), ("foreign", cast.ben))
    }
    links = {
        name: PlanLink.objects.create(
            patient_id=patient_id, plan_id=sheets["plan"][name], token_hash=name, made_by=cast.bob,
            expires_at="2999-01-01T00:00:00Z",
        ).pk
        for name, patient_id in (("own", cast.anna.pk), ("foreign", cast.ben.pk))
    }  # fmt: skip
    return {
        **sheets,
        "plan link": {**links, "none": missing},
        "visit": {**visits, "none": missing},
        **{
            kind: {name: found[kind] for name, found in diaries.items()} | {"none": missing}
            for kind in ("diary link", "diary entry", "adverse event")
        },
        "patient": {
            "own": cast.anna.pk,
            **{k: v.pk for k, v in with_photos.items() if k != "own"},
            "none": missing,
        },
        "photo": {**{k: v.pk for k, v in photos.items()}, "none": missing},
        "removed photo": {"own": removed.pk, "none": missing},
        "consent": {**{k: v.pk for k, v in consents.items()}, "none": missing},
        **{kind: {**ids, "none": missing} for kind, ids in found.items()},
        "merged": {"own": merged.pk, "none": missing},
        "person": {"own": cast.carol.pk, "none": missing},
        "link": {"own": link.pk, "none": missing},
        "glass": {"own": glass.pk, "none": missing},
        "number": {"own": cast.anna.number, "none": 999},
        "key": {"own": key.pk, "none": missing},
        "stop": {"own": stop.pk, "none": missing},
        "authenticator": {"none": 10**6},
        "retest": {"own": (pair := paired(cast)).retest_id, "none": missing},
        "retest pair": {"own": pair.pk, "none": missing},
        "rule": {"own": "session.interval", "none": "session.no-such-rule"},
        "own limit": {"own": limited(cast).pk, "none": missing},
        "kind of stock": {"own": "cream", "none": "spoon"},
        "stock item": {"own": shelved(cast).pk, "none": missing},
        "": {"": None},
    }


OF_THE_CLINIC = ("kind of stock", "stock item", "rule", "own limit", "retest", "retest pair")
SEEN = (("own", "bob", "anna"), ("foreign", "erin", "ben"))


def recovery(cast, who: str, whom: str) -> dict[str, object]:
    """A session's link, an entry of its diary and an event."""
    by, treatment = cast.actor(who), session(cast, whom, who, days_ago=1)
    event = {"on": timezone.localdate(), "kind": "other", "grade": "mild"}
    return {
        "diary link": make_link(by=by, treatment=treatment)[0].pk,
        "diary entry": write(cast, treatment, by=by).pk,
        "adverse event": write_event(by=by, treatment=treatment, key=new_key(), **event).pk,
    }


NOTHING_TOLD = {
    "document": {}, "headline": "", "grade_says": "", "reasons": [], "advice": [], "sentences": {},
    "words": {}, "body": "", "pictures": [["before", "image/jpeg"]],
}  # fmt: skip


def paired(cast):
    """A round that came to something, so that its picture is there."""
    pair = add_volunteer(
        by=cast.actor("alice"), first=io.BytesIO(b"1"), second=io.BytesIO(b"2"), consented=True
    )
    keep_conclusion(pair.retest, document="{}", plot=b"a picture")
    return pair


def limited(cast):
    return set_limit(
        by=cast.actor("alice"), rule_id="session.interval", values={"block_below": 21}, level="",
        why="Three weeks, as we teach", since=timezone.localdate(), knowingly=False,
    )  # fmt: skip


def shelved(cast):
    return add_item(by=cast.actor("alice"), kind="topical", name="Saline", limits="", answers={}, depths={})


def compared(cast, whom: dict[str, Patient]) -> dict[str, dict[str, object]]:
    """Of each of them two sets with one view and their comparison."""
    found: dict[str, dict[str, object]] = {"photo set": {}, "set view": {}, "comparison": {}}
    for name, one in whom.items():
        who = "erin" if name == "foreign" else "bob"
        earlier, later = (
            take(cast, picture(shade), patient=one, by=who, set_key=f"set-{shade}-of-{name}")
            for shade in (31, 32)
        )
        (asked,) = compare_sets(by=cast.actor(who), one=earlier.photo_set, other=later.photo_set)
        keep_result(asked, Message(NOTHING_TOLD, [b"a picture"]))
        ids = {"photo set": later.photo_set_id, "set view": later.pk, "comparison": asked.pk}
        for kind, key in ids.items():
            found[kind][name] = key
    return found


def arguments(name: str, address: Address, which: object, cast) -> list[object]:
    if name in ("join", "open_diary", "open_plan", "open_plan_calendar"):
        return ["not-a-token"]
    if name == "take_merge_back":
        return [cast.anna.pk, which]
    if name == "photo_copy":
        return [which, "thumbnail"]
    if name == "comparison_layer":
        return [which, "before"]
    if name == "ask_consent":
        return [which, "website"]
    return [] if which is None else [which]


def expected(address: Address, method: str, who: str, state: str, cast) -> str:
    """404, 403, sign-in, 405, `in`, or `any` of them."""
    if method not in address.methods:
        return "405"
    if address.needs == PUBLIC:
        return "any"
    if who == "nobody":
        return "sign-in"
    return "any" if address.needs == SIGNED_IN else for_somebody(address, method, who, state, cast)


def for_somebody(address: Address, method: str, who: str, state: str, cast) -> str:
    actor = Actor(getattr(cast, who))
    if not actor.may(address.needs):
        return "403"
    if address.about and not is_there(address.about, who, state):
        return "404"
    needs = address.post_needs if method == "POST" and address.post_needs else address.needs
    return "in" if actor.may(needs) else "403"


def is_there(about: str, who: str, state: str) -> bool:
    if about in ("person", "link", "glass", "number", "stop", *OF_THE_CLINIC):
        return state == "own"
    if about == "key":
        return state == "own" and who == "bob"
    return state == ("foreign" if who == "erin" else "own")


def outcome(response) -> str:
    if response.streaming:
        assert b"".join(response.streaming_content)
    status = response.status_code
    if status == 302 and response.url.startswith("/account/sign-in/"):
        return "sign-in"
    if status in (403, 404, 405):
        return str(status)
    return "in" if status < 500 else f"fault {status}"


@pytest.mark.parametrize("group", ["nobody", "dan", "carol", "alice", "bob", "erin"])
def test_T10_pages(cast, world, group):
    cells, wrong = 0, []
    for who in group.split():
        client = sign_in(getattr(cast, who)) if who != "nobody" else Client()
        for name, address in pages().items():
            for number, (state, which) in enumerate(world[address.about].items()):
                url = reverse(name, args=arguments(name, address, which, cast))
                # a method nobody declared is refused before anything is looked up: once is enough
                for method in ANY if number == 0 else address.methods:
                    if name.startswith(ALLAUTH) and method not in address.methods:
                        continue  # Django's generic views answer PUT as POST
                    want = expected(address, method, who, state, cast)
                    got = asked(client, method, url, {"data": address.sends} if method == "POST" else {})
                    cells += 1
                    if got != want and not (want == "any" and not got.startswith("fault")):
                        wrong.append(f"{method} {name} {state or '-'} as {who}: {got}, declared {want}")
    assert not wrong, "\n".join(wrong)
    assert cells >= 250 * len(group.split())


def asked(client: Client, method: str, url: str, sent: dict[str, object]) -> str:
    """The outcome; whatever it changed is taken back."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        got = outcome(getattr(client, method.lower())(url, **sent))
        transaction.set_rollback(True)
    client.cookies = cookies
    return got


KEYS = (
    ("nobody", "nobody", ()),
    ("a session and no key", "bob", None),
    ("alice", "alice", ()),
    ("bob", "bob", ()),
    ("bob's small key", "bob", (Permission.SEE_PATIENTS,)),
    ("erin", "erin", ()),
)


def test_T10_api(cast, world):
    cells, wrong = 0, []
    for who, person, scopes in KEYS:
        client, headers = Client(), {}
        if scopes is None:
            client = sign_in(getattr(cast, person))
        elif person != "nobody":
            headers = api_key(getattr(cast, person), *scopes)
        for (method, path), address in api().items():
            for state, which in world[address.about].items():
                want = "401"
                if headers:
                    declared = Address(("GET",), address.needs, address.about)
                    want = expected(declared, "GET", person, state, cast)
                    want = "403" if scopes and address.needs not in scopes else want
                got = asked_api(client, method, path, which, address, headers)
                cells += 1
                if got != want:
                    wrong.append(f"{method} {path} {state or '-'} as {who}: {got}, declared {want}")
    assert not wrong, "\n".join(wrong)
    assert cells >= 360


def asked_api(client, method, path, which, address, headers) -> str:
    url = path.replace("{patient_id}", str(which)).replace("{photo_id}", str(which))
    url = url.replace("{consent_id}", str(which))
    sent: dict[str, object] = {"headers": {**headers, "idempotency-key": new_key()}}
    if address.sends == {"photo": "file"}:
        sent["data"] = {"photo": io.BytesIO(BEFORE.read_bytes())}
    elif method == "get":
        sent["data"] = address.sends
    else:
        sent |= {"data": json.dumps(address.sends), "content_type": "application/json"}
    with transaction.atomic():
        response = getattr(client, method)(url, **sent)
        got = "401" if response.status_code == 401 else outcome(response)
        transaction.set_rollback(True)
    if got == "in" and response.status_code >= 300 and response.status_code != 409:
        return f"{response.status_code} {response.content[:200]!r}"
    return got


def test_T10_no_answer_tells_a_foreign_record_from_none(cast, world):
    client = sign_in(cast.bob)
    for name, address in pages().items():
        if address.about in ("patient", "photo", "consent"):
            states = world[address.about]
            pages_seen = {
                client.generic(
                    address.methods[0], reverse(name, args=arguments(name, address, states[state], cast))
                ).content
                for state in ("foreign", "erased", "restricted", "none")
            }
            assert len(pages_seen) == 1, name


def test_T10_a_key_answers_only_what_its_schema_says(cast):
    headers = api_key(cast.bob)
    [anna] = Client().get("/api/v1/patients", headers=headers).json()
    schema = ninja.get_openapi_schema()["components"]["schemas"]["PatientOut"]["properties"]
    assert set(anna) == set(schema)
    assert "wrapped" not in json.dumps(anna)


def test_T10_fields_nobody_asked_for_change_nothing(cast):
    headers = {**api_key(cast.bob), "idempotency-key": new_key()}
    body = {
        "family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "version": 1,
        "number": 77, "id": str(uuid4()), "restricted_at": "2026-01-01", "created_by": str(cast.erin.pk),
    }  # fmt: skip
    answer = Client().put(
        f"/api/v1/patients/{cast.anna.pk}", json.dumps(body), content_type="application/json", headers=headers
    )
    assert answer.status_code == 200
    cast.anna.refresh_from_db()
    assert (cast.anna.number, cast.anna.restricted_at, cast.anna.created_by_id) == (1, None, cast.bob.pk)
