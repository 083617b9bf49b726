"""The app of the clinic's products and devices."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    """Registers the models under the label `stock`."""

    name = "microrelief.web.stock"
    label = "stock"
