"""The app of the demonstration clinic."""

from django.apps import AppConfig


class DemoClinicConfig(AppConfig):
    """Registers the models under the label `demo_clinic`."""

    name = "microrelief.web.demo_clinic"
    label = "demo_clinic"
