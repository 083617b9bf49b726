"""What templates of forms ask."""
