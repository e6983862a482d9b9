"""What holds for every test."""

from hypothesis import settings

# No example is judged by how long it took: that tells of the machine. Where CI is set, examples are the same each time.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")
