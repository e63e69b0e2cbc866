"""What can keep the database from being there, with what to do about it."""


class PostgresUnavailable(RuntimeError):  # noqa: N818  the name states the fact, as Refused does
    """The database cannot be had: `reason` says why, `remedy` what a person can do."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}\n{remedy}")
