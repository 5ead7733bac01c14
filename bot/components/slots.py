"""Two slot types that a mapping can clear: Rasa's own are filled by mappings, but never emptied."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.slots import CategoricalSlot, TextSlot

CLEAR = "clear"


class ClearableSlot(TextSlot):
    """Text that is forgotten when a mapping sets it to `clear`: a form that is begun anew asks anew."""

    type_name = "components.slots.ClearableSlot"

    @property
    def value(self) -> Any:
        """The text, or None."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = None if value == CLEAR else value
        self._has_been_set = self._value is not None


class PatienceSlot(CategoricalSlot):
    """How often a form was interrupted: None, `once`, then `over`; `more` moves on, `clear` begins again."""

    type_name = "components.slots.PatienceSlot"

    @property
    def value(self) -> Any:
        """None, `once` or `over`."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        following = {CLEAR: None, "more": "once" if self._value is None else "over"}
        self._value = following.get(value, value)
        self._has_been_set = self._value is not None
