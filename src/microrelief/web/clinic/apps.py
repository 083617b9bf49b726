"""The app of the clinic."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Registers the models under the label `clinic`, and gives the background work the clinic's time zone."""

    name = "microrelief.web.clinic"
    label = "clinic"

    def ready(self) -> None:
        """The worker knows no noun of the site, so it cannot ask for the zone itself."""
        from django_tasks.signals import task_finished, task_started  # noqa: PLC0415  settings first

        from microrelief.web.clinic.time_of_day import (  # noqa: PLC0415  models first
            begin_at_the_clinic,
            end_at_the_clinic,
        )

        task_started.connect(begin_at_the_clinic, dispatch_uid="clinic")
        task_finished.connect(end_at_the_clinic, dispatch_uid="clinic")
