"""The room of many pairs."""
