"""The grades of signed consultations, for the series of measures."""

from microrelief.web.comparisons.course import Grade
from microrelief.web.consultations.judged import SCALES
from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor


def entries(actor: Actor, patient: Patient) -> list[Grade]:
    """One for each scale that a signed consultation scored."""
    signed = Consultation.objects.for_user(actor).signed().filter(patient_id__in=patient.all_ids())
    return [
        Grade(
            one.on,
            SCALES.get(name, name),
            f"{score['value']:g} of {score['highest']:g}, {score['better']} is better",
        )
        for one in signed
        for name, score in one.scores.items()
    ]
