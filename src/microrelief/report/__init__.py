"""What people read: the page, the picture, the result file, and their words."""
