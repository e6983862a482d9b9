"""What fields make of values."""

import pytest
from marshmallow import ValidationError


def codes(field, value):
    """Return the code of the refusal of the value, by name for an object of several values."""
    with pytest.raises(ValidationError) as refused:
        field.deserialize(value)
    messages = refused.value.messages
    if isinstance(messages, dict):
        return {name: each[0].code for name, each in messages.items()}
    return messages[0].code


def is_accepted(field, text):
    """Return whether the field accepts the text."""
    try:
        field.deserialize(text)
    except ValidationError:
        return False
    return True
