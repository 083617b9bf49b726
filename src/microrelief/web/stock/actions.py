"""What puts something on the shelf, changes it, retires it and takes it up again."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from microrelief.web.audit.trail import record
from microrelief.web.patients.access import require
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, NotHere, Unusable
from microrelief.web.sheets.answers import checked
from microrelief.web.stock.kinds import KINDS
from microrelief.web.stock.models import StockItem


@transaction.atomic
def add_item(
    *, by: Actor, kind: str, name: str, limits: str, answers: dict[str, Any], depths: dict[str, Any]
) -> StockItem:
    """Offered from now on. Raises Unusable where there is one like it."""
    require(by, Permission.CHANGE_SETTINGS)
    item = StockItem(kind=kind, name=name, limits=limits, answers=answers, depths=depths)
    _refuse_unusable(item)
    item._history_user = by.person  # type: ignore[attr-defined]
    item.save(force_insert=True)
    record("stock.added", by=by, about=item, facts={"kind": kind})
    return item


@transaction.atomic
def change_item(*, by: Actor, item: StockItem, version: int, **changes: Any) -> None:
    """Other facts from now on; what was recorded with the old ones keeps them. Raises EditConflict."""
    require(by, Permission.CHANGE_SETTINGS)
    _one_more(item, version, changes)
    for name, value in changes.items():
        setattr(item, name, value)
    _refuse_unusable(item)
    item._history_user = by.person  # type: ignore[attr-defined]
    item.save()
    record("stock.changed", by=by, about=item, facts={"kind": item.kind})


@transaction.atomic
def retire_item(*, by: Actor, item: StockItem, retired: bool) -> None:
    """Not offered any more, or offered again; records that name it stay as they are."""
    require(by, Permission.CHANGE_SETTINGS)
    if (item.retired_at is not None) == retired:
        return
    _one_more(item, item.version, {})
    item.retired_at = timezone.now() if retired else None
    item.retired_by = by.person if retired else None
    if not retired:
        _refuse_unusable(item)
    item._history_user = by.person  # type: ignore[attr-defined]
    item.save()
    record("stock.retired" if retired else "stock.taken_up", by=by, about=item, facts={"kind": item.kind})


def item_for(item_id: UUID) -> StockItem:
    """The thing, retired or not."""
    found = StockItem.objects.filter(pk=item_id).first()
    if found is None:
        raise NotHere("There is no such thing on the shelf: look at the list.")
    return found


def offered(kind: str) -> list[StockItem]:
    """What a session may choose from."""
    return list(StockItem.objects.filter(kind=kind, retired_at=None))


def _one_more(item: StockItem, version: int, changes: dict[str, Any]) -> None:
    if not StockItem.objects.filter(pk=item.pk, version=version).update(version=F("version") + 1):
        raise EditConflict(StockItem.objects.get(pk=item.pk), changes)
    item.refresh_from_db()


def _refuse_unusable(item: StockItem) -> None:
    if item.kind not in KINDS or not item.name.strip():
        raise Unusable("Give it a name, as it stands on the package.")
    kind = KINDS[item.kind]
    if set(item.answers) - set(kind.asks) or any(name not in item.answers for name in kind.needs):
        missing = next((name for name in kind.needs if name not in item.answers), "")
        raise Unusable(
            f"Answer this too: {kind.question(missing).asks}"
            if missing
            else "Fill in the page's fields only."
        )
    _, wrong = checked(kind.stage, item.answers)
    if wrong:
        name, says = next(iter(wrong.items()))
        raise Unusable(f"{kind.question(name).asks} {says}")
    same = StockItem.objects.filter(kind=item.kind, name__iexact=item.name, retired_at=None).exclude(
        pk=item.pk
    )
    serial = item.answers.get("device_serial")
    if any(one.answers.get("device_serial") == serial for one in same):
        raise Unusable("There is one of this name already: change that one, or give this one another name.")
