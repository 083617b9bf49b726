"""The app of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Registers models, templates and static files under the label `plans`."""

    name = "microrelief.web.plans"
    label = "plans"
