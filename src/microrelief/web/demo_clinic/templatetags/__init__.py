"""What templates of the demonstration ask for."""
