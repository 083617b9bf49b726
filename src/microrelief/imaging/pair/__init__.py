"""Two Faces become an AlignedPair with an audit of how alike they were taken."""
