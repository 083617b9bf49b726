"""The views of one day, as one set: captured against a baseline, uploaded, or imported and reviewed."""
