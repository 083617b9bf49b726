"""What templates of sheets ask."""
