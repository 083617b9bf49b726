"""The door to the pixels: what is measured is measured in a child process that knows no keys and no patients."""
