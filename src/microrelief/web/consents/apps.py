"""The app of consent."""

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    """Registers the models under the label `consents`."""

    name = "microrelief.web.consents"
    label = "consents"
