"""A running suite asked everything its document allows, and a good deal it does not, in the name of every role."""
