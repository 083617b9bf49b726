"""The app of comparisons."""

from django.apps import AppConfig


class ComparisonsConfig(AppConfig):
    """Registers the models under the label `comparisons`, and listens for photographs taken."""

    name = "microrelief.web.comparisons"
    label = "comparisons"

    def ready(self) -> None:
        """A view that the baseline has too is compared while the patient still sits there."""
        from microrelief.web.comparisons.actions import compare_with_baseline  # noqa: PLC0415  models first
        from microrelief.web.comparisons.jobs import measure_later  # noqa: PLC0415
        from microrelief.web.comparisons.signals import comparison_asked  # noqa: PLC0415
        from microrelief.web.photosets.signals import view_taken  # noqa: PLC0415

        view_taken.connect(compare_with_baseline, dispatch_uid="comparisons")
        comparison_asked.connect(measure_later, dispatch_uid="comparisons")
