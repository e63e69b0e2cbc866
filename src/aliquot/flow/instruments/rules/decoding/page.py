"""The rows of a capture as a table for people."""

from collections.abc import Iterable, Iterator, Sequence

from aliquot.flow.instruments.rules.decoding.capture import Row

_HEADS = ("n", "msg", "kind", "specimen", "test", "value", "unit", "flags", "status", "measured at", "")
_WIDEST = 30
_RAW = 90


class Page:
    """One file's rows, results in columns and everything else as sentences below."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the table."""
        results = [row for row in self.rows if "n" in row]
        drivers = dict.fromkeys(str(row["driver"]) for row in self.rows if "driver" in row)
        if drivers:
            yield f"  driver: {', '.join(drivers)}"
        if results:
            yield from _table([_HEADS, *(_cells(row) for row in results)])
        for row in self.rows:
            if "n" not in row:
                yield "  " + _sentence(row)
        waiting = sum("quarantined" in row for row in self.rows)
        yield f"  {len(results)} results, {waiting} waiting for a person"


def _cells(row: Row) -> tuple[str, ...]:
    remarks = [*row["unknown"], *([] if row["reported"] else ["not reported"])]
    if "repeats" in row:
        remarks.append(f"again {row['repeats']}")
    test = row["code"] + (f" {row['aspect']}" if row["aspect"] else "")
    return (
        str(row["n"]),
        str(row["message"]),
        row["kind"],
        row["specimen"],
        test,
        row["result"],
        row["unit_ucum"] or row.get("unit", ""),
        " ".join(row["flags_mapped"]),
        row["status_mapped"],
        (row["measured_at"] or "")[:19].replace("T", " "),
        ", ".join(remarks),
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    shown = [[_short(cell, _WIDEST) for cell in row[:-1]] + [row[-1]] for row in rows]
    widths = [max(len(row[at]) for row in shown) for at in range(len(_HEADS) - 1)]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield ("  " + "  ".join([*cells, row[-1]])).rstrip()


def _sentence(row: Row) -> str:
    where = f"message {row['message']}: " if "message" in row else ""
    if "query" in row:
        asked = row["query"]
        tubes = ", ".join(asked["specimens"]) or ("everything" if asked["everything"] else "nothing")
        verb = "withdraws its question" if asked["cancelled"] else "asks"
        return f"{where}{verb} about {tubes}" + (f": {', '.join(asked['tests'])}" if asked["tests"] else "")
    if "answer" in row:
        said = row["answer"]
        verb = "accepts" if said["accepted"] else "refuses"
        return f"{where}{verb} the order of {said['specimen'] or said['to']} {said['reason']}".rstrip()
    about = f"result {row['result']}: " if "result" in row else ""
    return f"{where}{about}{row['reason']} | {_short(row['raw'], _RAW)}"


def _short(text: str, width: int) -> str:
    text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= width else text[: width - 1] + "…"
