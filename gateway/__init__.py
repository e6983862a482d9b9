"""API gateway of the suite: authentication, authorisation, routing, and views composed of several services."""
