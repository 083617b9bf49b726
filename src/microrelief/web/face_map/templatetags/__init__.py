"""What templates ask for the face."""
