"""The API: each endpoint parses and calls the same action as its page."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import IO, Any, Literal, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Schema, Status
from ninja.errors import ValidationError
from ninja.files import UploadedFile
from ninja.params.functions import File, Form, Header
from ninja.security import HttpBearer
from pydantic import Field

from microrelief.errors import InputError, VaultError
from microrelief.vault.envelope import Kind
from microrelief.web.api.actions import actor_of
from microrelief.web.audit.trail import record
from microrelief.web.consents import actions as consent_actions
from microrelief.web.consents.models import Consent
from microrelief.web.custody.export import Protection, export_patient
from microrelief.web.pages.refused import status_and_words
from microrelief.web.patients import actions as patient_actions
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.models import Patient
from microrelief.web.patients.search import find_patients
from microrelief.web.people.account_adapter import client_address
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.photos import actions as photo_actions
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import EditConflict, NotAllowed, Refusal


class Key(HttpBearer):
    """`Authorization: Bearer mr_...`; a session of the pages opens nothing here: no other site can use it."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Who asks, or None."""
        return actor_of(token, client_address(request))


def insiders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description of the API is for those who may use it: a key, or a session of the pages."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if getattr(request, "actor", None) or actor_of(secret, client_address(request)):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.path)

    return answer


api = NinjaAPI(
    title="Microrelief",
    version="1",
    description="The clinic's records for other programs. Keys are made on the page of one's account.",
    auth=Key(),
    docs_url=None,
    docs_decorator=insiders,
    openapi_url="/openapi.json",
    urls_namespace="api",
)


class Problem(Schema):
    """Why not, and what to do next."""

    title: str
    says: str


class IdentityIn(Schema):
    """Who somebody is: two identifiers at least."""

    family_name: str = Field(min_length=1, max_length=120)
    given_name: str = Field("", max_length=120)
    birth_date: date
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=254)
    note: str = Field("", max_length=4000)
    language: str = Field("", max_length=10)


class PatientIn(IdentityIn):
    """A new patient."""

    although_similar: bool = False


class PatientChange(IdentityIn):
    """A correction of the version that was seen."""

    version: int


class PatientOut(Schema):
    """A patient."""

    id: UUID
    number: str
    family_name: str
    given_name: str
    birth_date: date | None
    phone: str
    email: str
    note: str
    language: str
    version: int

    @staticmethod
    def of(patient: Patient) -> "PatientOut":
        """From the record."""
        return PatientOut(
            id=patient.pk,
            number=patient.record_number,
            **{word: getattr(patient, word) for word in Patient.words},
            version=patient.version,
        )


class PhotoOut(Schema):
    """A photograph; its pixels have addresses of their own."""

    id: UUID
    patient: UUID
    view: str
    taken_at: datetime | None
    added_at: datetime
    sha256: str
    media_type: str
    bytes: int
    rows: int
    columns: int
    note: str
    from_diary: bool
    """Taken at home by the patient: no standard photograph."""
    version: int

    @staticmethod
    def of(photo: Photo) -> "PhotoOut":
        """From the record."""
        return PhotoOut(
            id=photo.pk,
            patient=photo.patient_id,
            view=photo.view,
            taken_at=photo.taken_at,
            added_at=photo.added_at,
            sha256=photo.sha256,
            media_type=photo.media_type,
            bytes=photo.size,
            rows=photo.rows,
            columns=photo.columns,
            note=photo.note,
            from_diary=photo.from_diary,
            version=photo.version,
        )


class PhotoChange(Schema):
    """Another view or note."""

    view: str = Field(max_length=12)
    note: str = Field("", max_length=1000)
    version: int


class ConsentIn(Schema):
    """One answer to one purpose."""

    purpose: str = Field(max_length=20)
    answer: Literal["given", "refused"]
    how: str = Field(max_length=10)
    signed_on: date
    channels: list[str] = Field(default_factory=list, max_length=20)
    photos: list[UUID] = Field(default_factory=list, max_length=500)
    expires_on: date | None = None
    signer: str = Field("patient", max_length=20)
    signer_name: str = Field("", max_length=200)
    witness: str = Field("", max_length=200)
    remark: str = Field("", max_length=1000)
    signature: str = Field("", max_length=60_000)


class ConsentOut(Schema):
    """A row of the ledger."""

    id: UUID
    patient: UUID
    purpose: str
    state: str
    how: str
    channels: list[str]
    photos: list[str]
    signed_on: date
    received_at: datetime
    expires_on: date | None
    withdrawn_at: datetime | None
    text_version: str

    @staticmethod
    def of(consent: Consent) -> "ConsentOut":
        """From the record."""
        return ConsentOut(
            id=consent.pk,
            patient=consent.patient_id,
            purpose=consent.purpose,
            state=consent.state,
            how=consent.how,
            channels=consent.channels,
            photos=consent.photos,
            signed_on=consent.signed_on,
            received_at=consent.received_at,
            expires_on=consent.expires_on,
            withdrawn_at=consent.withdrawn_at,
            text_version=consent.text.version,
        )


class Withdrawal(Schema):
    """Why, if somebody said."""

    remark: str = Field("", max_length=1000)


PROBLEMS = {frozenset({400, 401, 403, 404, 409, 413, 422, 500, 503, 507}): Problem}
IDEMPOTENCY_KEY: Any = Header(alias="Idempotency-Key", min_length=8, max_length=80)
FILE: Any = File(...)
VIEW: Any = Form("front", max_length=12)
NOTE: Any = Form("", max_length=1000)


@api.get("/patients", response={200: list[PatientOut], **PROBLEMS}, summary="Find patients")
def list_patients(request: HttpRequest, q: str = "") -> list[PatientOut]:
    """Those the key's person treats; every word of `q` must begin a name, or be number or birth date."""
    actor = _actor(request, Permission.SEE_PATIENTS)
    return [PatientOut.of(patient) for patient in find_patients(actor, q[:200])]


@api.post("/patients", response={201: PatientOut, **PROBLEMS}, summary="Add a patient")
def add_patient(request: HttpRequest, given: PatientIn, key: str = IDEMPOTENCY_KEY) -> Status[Any]:
    """Sent again under the same Idempotency-Key, it answers with the same patient."""
    identity = given.dict()
    similar = identity.pop("although_similar")
    patient = patient_actions.add_patient(
        by=_actor(request, Permission.ADD_PATIENTS), key=key, identity=identity, although_similar=similar
    )
    return Status(201, PatientOut.of(patient))


@api.get("/patients/{uuid:patient_id}", response={200: PatientOut, **PROBLEMS}, summary="One patient")
def get_patient(request: HttpRequest, patient_id: UUID) -> PatientOut:
    """That it was read is in the trail."""
    actor = _actor(request, Permission.SEE_PATIENTS)
    patient = patient_for(actor, patient_id)
    with transaction.atomic():
        record("patient.viewed", by=actor, patient=patient.pk)
    return PatientOut.of(patient)


@api.put("/patients/{uuid:patient_id}", response={200: PatientOut, **PROBLEMS}, summary="Correct a patient")
def change_patient(request: HttpRequest, patient_id: UUID, given: PatientChange) -> PatientOut:
    """409 where somebody else changed the record since `version`."""
    actor = _actor(request, Permission.EDIT_PATIENTS)
    patient = patient_for(actor, patient_id, Permission.EDIT_PATIENTS)
    identity = given.dict()
    version = identity.pop("version")
    patient_actions.change_patient(by=actor, patient=patient, version=version, identity=identity)
    return PatientOut.of(patient)


@api.get(
    "/patients/{uuid:patient_id}/export", response={200: None, **PROBLEMS}, summary="Everything of a patient"
)
def export(
    request: HttpRequest, patient_id: UUID, recipient: str = "", plain: bool = False
) -> HttpResponseBase:
    """A ZIP, encrypted for an age recipient (`age1...`); in the clear only with `plain=true`."""
    actor = _actor(request, Permission.EXPORT_PATIENT)
    patient = patient_for(actor, patient_id, Permission.EXPORT_PATIENT)
    protection = Protection(recipient=recipient, plain=plain and not recipient)
    pieces = export_patient(by=actor, patient=patient, protection=protection)
    return StreamingHttpResponse(
        pieces, content_type="application/zip" if protection.plain else "application/octet-stream"
    )


@api.get(
    "/patients/{uuid:patient_id}/photos", response={200: list[PhotoOut], **PROBLEMS}, summary="Photographs"
)
def list_photos(request: HttpRequest, patient_id: UUID) -> list[PhotoOut]:
    """Of one patient, the newest first."""
    actor = _actor(request, Permission.SEE_PHOTOS)
    patient = patient_for(actor, patient_id, Permission.SEE_PHOTOS)
    found = Photo.objects.for_user(actor).filter(patient_id__in=patient.all_ids(), removed_at=None)
    return [PhotoOut.of(photo) for photo in found]


@api.post(
    "/patients/{uuid:patient_id}/photos", response={201: PhotoOut, **PROBLEMS}, summary="Add a photograph"
)
def add_photo(
    request: HttpRequest,
    patient_id: UUID,
    photo: UploadedFile = FILE,
    view: str = VIEW,
    note: str = NOTE,
    key: str = IDEMPOTENCY_KEY,
) -> Status[Any]:
    """Kept on the disk when this answers. Sent again under the same Idempotency-Key: the same photograph."""
    actor = _actor(request, Permission.ADD_PHOTOS)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    kept = photo_actions.add_photo(
        by=actor,
        patient=patient,
        key=key,
        upload=cast(IO[bytes], photo),
        size=photo.size or 0,
        file_name=photo.name or "",
        view=view,
        note=note,
    )
    return Status(201, PhotoOut.of(kept))


@api.get("/photos/{uuid:photo_id}", response={200: PhotoOut, **PROBLEMS}, summary="One photograph")
def get_photo(request: HttpRequest, photo_id: UUID) -> PhotoOut:
    """What is known of it."""
    return PhotoOut.of(photo_actions.photo_for(_actor(request, Permission.SEE_PHOTOS), photo_id))


@api.put("/photos/{uuid:photo_id}", response={200: PhotoOut, **PROBLEMS}, summary="Describe a photograph")
def describe_photo(request: HttpRequest, photo_id: UUID, given: PhotoChange) -> PhotoOut:
    """409 where somebody else changed it since `version`."""
    actor = _actor(request, Permission.ADD_PHOTOS)
    photo = photo_actions.photo_for(actor, photo_id, Permission.ADD_PHOTOS)
    photo_actions.describe_photo(by=actor, photo=photo, **given.dict())
    return PhotoOut.of(photo)


@api.get("/photos/{uuid:photo_id}/screen", response={200: None, **PROBLEMS}, summary="A copy to look at")
def screen(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """JPEG, with nothing in it but the picture."""
    actor = _actor(request, Permission.SEE_PHOTOS)
    photo = photo_actions.photo_for(actor, photo_id)
    return _file(photo_actions.open_copy(by=actor, photo=photo, kind=Kind.SCREEN), "image/jpeg")


@api.get("/photos/{uuid:photo_id}/original", response={200: None, **PROBLEMS}, summary="The original")
def original(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """The file as it came; that it was opened is in the trail."""
    actor = _actor(request, Permission.SEE_ORIGINALS)
    photo = photo_actions.photo_for(actor, photo_id, Permission.SEE_ORIGINALS)
    return _file(photo_actions.open_original(by=actor, photo=photo, why="api"), photo.media_type)


@api.get(
    "/patients/{uuid:patient_id}/consents", response={200: list[ConsentOut], **PROBLEMS}, summary="The ledger"
)
def list_consents(request: HttpRequest, patient_id: UUID) -> list[ConsentOut]:
    """Every answer, the newest first."""
    actor = _actor(request, Permission.SEE_PATIENTS)
    patient = patient_for(actor, patient_id)
    rows = Consent.objects.for_user(actor).filter(patient_id__in=patient.all_ids()).select_related("text")
    return [ConsentOut.of(row) for row in rows]


@api.post(
    "/patients/{uuid:patient_id}/consents", response={201: ConsentOut, **PROBLEMS}, summary="Record an answer"
)
def record_consent(
    request: HttpRequest, patient_id: UUID, given: ConsentIn, key: str = IDEMPOTENCY_KEY
) -> Status[Any]:
    """Given or refused. Sent again under the same Idempotency-Key: the same row."""
    actor = _actor(request, Permission.RECORD_CONSENT)
    patient = patient_for(actor, patient_id, Permission.RECORD_CONSENT)
    consent = consent_actions.record_consent(by=actor, patient=patient, key=key, **given.dict())
    return Status(201, ConsentOut.of(consent))


@api.post("/consents/{uuid:consent_id}/withdraw", response={200: ConsentOut, **PROBLEMS}, summary="Withdraw")
def withdraw(request: HttpRequest, consent_id: UUID, given: Withdrawal) -> ConsentOut:
    """With effect at once."""
    actor = _actor(request, Permission.WITHDRAW_CONSENT)
    consent = consent_actions.consent_for(actor, consent_id, Permission.WITHDRAW_CONSENT)
    consent_actions.withdraw_consent(by=actor, consent=consent, remark=given.remark)
    return ConsentOut.of(consent)


@api.exception_handler(EditConflict)
def conflict(request: HttpRequest, error: EditConflict) -> HttpResponse:
    """Both versions: what stands, what was asked for."""
    theirs = {name: getattr(error.theirs, name) for name in error.yours}
    body = {
        "title": error.title,
        "says": error.says,
        "version": error.theirs.version,
        "theirs": theirs,
        "yours": error.yours,
    }
    return api.create_response(request, body, status=409)


def _said(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    read = status_and_words(error) if isinstance(error, Exception) else None
    status, title, says = read or (500, "Something went wrong on our side", "Try again.")
    response = api.create_response(request, {"title": title, "says": says}, status=status)
    if status == 503:
        response["Retry-After"] = "5"
    return response


for _kind in (Refusal, InputError, VaultError, OperationalError):
    api.add_exception_handler(_kind, _said)


@api.exception_handler(ValidationError)
def unusable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which field, without repeating what was sent."""
    fields = sorted({".".join(str(part) for part in one["loc"][1:]) for one in error.errors})
    what = ", ".join(fields) or "what was sent"
    says = f"Look at {what} again; the description stands in /api/v1/openapi.json."
    return api.create_response(request, {"title": "This cannot be used", "says": says}, status=422)


def _actor(request: HttpRequest, permission: Permission) -> Actor:
    actor = request.auth  # type: ignore[attr-defined]
    if not isinstance(actor, Actor):
        raise NotAllowed("Send the key as Authorization: Bearer ...")
    if not actor.may(permission):
        raise NotAllowed("The key's scope, or its person's role, does not go so far.")
    return actor


def _file(pieces: object, media_type: str) -> HttpResponseBase:
    response = StreamingHttpResponse(pieces, content_type=media_type)  # type: ignore[arg-type]
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
