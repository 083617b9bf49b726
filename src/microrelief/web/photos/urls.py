"""Addresses of photographs."""

from django.urls import path, register_converter

from microrelief.web.photos import views


class SizeConverter:
    """A copy that there is."""

    regex = "thumbnail|screen"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(SizeConverter, "size")

urlpatterns = [
    path("patients/<uuid:patient_id>/photos/", views.photos, name="photos"),
    path("photos/<uuid:photo_id>/", views.photo, name="photo"),
    path("photos/<uuid:photo_id>/<size:size>/", views.copy, name="photo_copy"),
    path("photos/<uuid:photo_id>/original/", views.original, name="photo_original"),
    path("photos/<uuid:photo_id>/describe/", views.describe, name="describe_photo"),
    path("photos/<uuid:photo_id>/move/", views.move, name="move_photo"),
    path("photos/<uuid:photo_id>/remove/", views.remove, name="remove_photo"),
    path("photos/<uuid:photo_id>/take-back/", views.take_back, name="take_photo_back"),
]
