"""The app of the trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the model under the label `audit`, and hears of every version that is saved."""

    name = "microrelief.web.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect the signal."""
        from simple_history.signals import post_create_historical_record  # noqa: PLC0415  apps must stand

        from microrelief.web.audit.versions import note_version  # noqa: PLC0415

        post_create_historical_record.connect(note_version, dispatch_uid="audit.note_version")
