"""Who may come in: keys of people and programs, kept as what happened to them."""
