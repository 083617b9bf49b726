"""How many sessions a patient has had. Sessions stand above plans, so they are asked for by name."""

from datetime import date

from django.apps import apps

from microrelief.web.patients.models import Patient


def sessions_done(patient: Patient, until: date) -> int:
    """Signed sessions that count, up to the day for which a plan is judged."""
    model = apps.get_model("treatments", "Treatment")
    return int(model.objects.signed().filter(patient_id__in=patient.all_ids(), on__lte=until).count())
