"""The app of comparisons."""

from django.apps import AppConfig


class ComparisonsConfig(AppConfig):
    """Registers the models under the label `comparisons`, and listens for photographs that have a baseline."""

    name = "microrelief.web.comparisons"
    label = "comparisons"

    def ready(self) -> None:
        """A view that has a counterpart in the baseline is compared at once, while the patient still sits there."""
        from microrelief.web.comparisons.actions import compare_with_baseline  # noqa: PLC0415  models first
        from microrelief.web.photosets.signals import view_taken  # noqa: PLC0415

        view_taken.connect(compare_with_baseline, dispatch_uid="comparisons")
