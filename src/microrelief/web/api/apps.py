"""The app of the API's keys."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the models under the label `api`."""

    name = "microrelief.web.api"
    label = "api"
