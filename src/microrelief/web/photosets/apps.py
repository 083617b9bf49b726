"""The app of photo sets."""

from django.apps import AppConfig


class PhotosetsConfig(AppConfig):
    """Registers the models under the label `photosets`, and has photographs looked at as they come."""

    name = "microrelief.web.photosets"
    label = "photosets"

    def ready(self) -> None:
        """The look is enqueued in the transaction that kept the photograph."""
        from microrelief.web.photosets.jobs import look_at  # noqa: PLC0415  models first
        from microrelief.web.photosets.signals import photograph_came  # noqa: PLC0415

        photograph_came.connect(look_at, dispatch_uid="photosets")
