"""The app of the clinic's own limits."""

from django.apps import AppConfig


class ClinicRulesConfig(AppConfig):
    """Registers the models under the label `clinic_rules`."""

    name = "microrelief.web.clinic_rules"
    label = "clinic_rules"
