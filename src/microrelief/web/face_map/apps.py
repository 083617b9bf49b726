"""The app of the face map."""

from django.apps import AppConfig


class FaceMapConfig(AppConfig):
    """Registers models, templates and static files under the label `face_map`."""

    name = "microrelief.web.face_map"
    label = "face_map"
