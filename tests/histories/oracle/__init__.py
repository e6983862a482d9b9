"""A second, plain model of the business, written from the READMEs of the modules; it imports no code of the suite."""
