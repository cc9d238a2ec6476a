"""How a statement is refused: a sentence that names the place in the JSON."""

from lms.errors import Invalid


class Refused(Invalid):
    """Something in a statement is not as the standard has it. ``path`` is where, as in ``actor.account.name``."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"{path}: {fault}" if path else fault)
        self.path = path
        self.fault = fault

    def within(self, path: str) -> "Refused":
        """The same refusal, seen from further out."""
        if not self.path:
            return Refused(path, self.fault)
        return Refused(path + self.path if self.path[0] == "[" else f"{path}.{self.path}", self.fault)


def unknown(value: dict[str, object], allowed: frozenset[str], path: str) -> Refused:
    """The refusal of an object with a key that does not belong there; a wrong case is said as such."""
    key = next(key for key in value if key not in allowed)
    same = next((name for name in sorted(allowed) if name.lower() == key.lower()), None)
    hint = f" Names are case-sensitive: write {same!r}." if same else ""
    shown = key if len(key) <= 60 else key[:60] + "…"
    return Refused(path, f"{shown!r} is not a property of this object.{hint}")
