"""The door to the pixels: a child process that knows no keys and no patients measures."""
