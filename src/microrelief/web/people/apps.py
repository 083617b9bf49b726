"""The app of the accounts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the models under the label `people`."""

    name = "microrelief.web.people"
    label = "people"
