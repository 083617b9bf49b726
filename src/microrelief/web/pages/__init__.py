"""What every page shares: the frame, the words for errors, headers, style and script."""
