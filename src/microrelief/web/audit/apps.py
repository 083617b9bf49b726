"""The app of the trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the model under the label `audit`."""

    name = "microrelief.web.audit"
    label = "audit"
