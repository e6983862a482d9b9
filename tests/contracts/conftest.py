"""All events are known before their samples are read."""

from docs.generate import read_everything

read_everything()
