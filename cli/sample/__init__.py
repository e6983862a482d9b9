"""Sample data of a small company and the scenario of one order."""
