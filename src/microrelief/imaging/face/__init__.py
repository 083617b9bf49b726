"""A Photo becomes a Face: landmarks, pose, expression, zones, scale."""
