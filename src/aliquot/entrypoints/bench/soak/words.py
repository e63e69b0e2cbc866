"""A soak's account as a person reads it."""

from typing import Any


def in_words(found: dict[str, Any]) -> list[str]:
    """Return the account line by line, the differences last."""
    if "messages" not in found:
        return list(found["differences"])
    messages, results = found["messages"], found["results"]
    seconds, models = f"{found['seconds']:.0f} s", len(found["models"])
    return [
        f"{found['analyzers']} analyzers of {models} models, {seconds}, seed {found['seed']}",
        f"killed: {_listed(found['killed'])}",
        f"faults: {_listed(found['faults'])}",
        f"messages sent: {messages['sent']}, {messages['sent_times']} times",
        f"acknowledged: {messages['acknowledged']}, {messages['acknowledged_times']} times",
        f"kept: {messages['kept']}, {messages['kept_times']} times: {_listed(messages['by_state'])}",
        f"stretches of bad lines that wait for a person: {_listed(messages['quarantined_because'])}",
        f"results: {results['sent']} sent, {_listed(results['by_state'])}; {results['results']} recorded",
        f"quarantined because: {_listed(results['quarantined_because'])}",
        f"questions: {_listed(found['questions'])}",
        *(found["differences"] or ["every record is accounted for"]),
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
