"""The one door to the suite: who may come in, where they may go, what is composed of several services."""
