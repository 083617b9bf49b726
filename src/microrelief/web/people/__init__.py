"""Who works here: accounts, roles as data, invitations, sessions."""
