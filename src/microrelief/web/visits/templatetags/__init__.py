"""What templates ask of the spine."""
