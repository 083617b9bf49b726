"""What templates ask of languages."""
