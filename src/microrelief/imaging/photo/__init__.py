"""A file becomes a Photo: read within limits, upright, colour-managed; then linear light."""
