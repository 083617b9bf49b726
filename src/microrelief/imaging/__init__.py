"""Two photographs become an honest change: photo, face, light, skin, pair, change; `compare` is the flow."""
