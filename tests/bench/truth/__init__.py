"""How right the answers are, on made skin of known truth that no constant was chosen on."""
