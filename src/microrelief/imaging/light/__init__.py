"""What light fell on the face, from the face's own shape."""
