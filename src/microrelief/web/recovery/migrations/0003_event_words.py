"""What went wrong and how badly, from plain columns into the patient's encrypted words.

A plain column survives the erasure of the patient's key. The rows are other rows then, so the trail vouches
for them anew.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from microrelief.vault.keys import bound_to
from microrelief.web.patients.keys import key_of
from microrelief.web.patients.record import open_contents, seal_contents
from microrelief.web.refusals import OnHold

NAMES = ("grade", "kind")
RECORD = "recovery.adverseevent"


def into_words(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Rows and their earlier versions; those of an erased patient have no key and keep nothing."""
    for name in ("AdverseEvent", "HistoricalAdverseEvent"):
        model: Any = apps.get_model("recovery", name)
        for row in model.objects.all():
            try:
                key = key_of(row.patient_id)
            except OnHold:
                continue
            place = bound_to(str(row.patient_id), RECORD, str(row.id))
            words = open_contents(bytes(row.contents), key, place) if row.contents else {}
            words |= {name: getattr(row, name) for name in NAMES}
            model.objects.filter(pk=row.pk).update(contents=seal_contents(words, key, place))


def vouch_anew(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """With the models as they are now, for the seals are theirs."""
    if not apps.get_model("recovery", "AdverseEvent").objects.exists():
        return
    from microrelief.web.audit.trail import record  # noqa: PLC0415
    from microrelief.web.recovery.models import AdverseEvent  # noqa: PLC0415

    history: Any = AdverseEvent.history  # type: ignore[attr-defined]
    record(
        "event.sealed_anew", by=None, about=list(AdverseEvent.objects.all()), rewritten=list(history.all())
    )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("patients", "0001_initial"),
        ("recovery", "0002_has_note"),
    ]

    operations = [
        migrations.RunPython(into_words, migrations.RunPython.noop, elidable=False),
        *(
            migrations.RemoveField(model_name=model, name=name)
            for model in ("adverseevent", "historicaladverseevent")
            for name in NAMES
        ),
        migrations.RunPython(vouch_anew, migrations.RunPython.noop, elidable=False),
    ]
