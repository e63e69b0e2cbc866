"""What a region publishes: every table and column, since which version of the facts, and what it means.

Nothing of a person, no number that is printed on paper, no text that somebody typed about a patient: codes of
the registers, words that the program chose, moments to the second, whole seconds, counts. Names of sites are
public. Control material is named by a digest: a lot has the same one everywhere, and what was typed stays.

A version only adds columns, which may be empty; none is taken away or changes its meaning. So region and
federation may be upgraded in either order (statements.py: a publication for each version).
"""

from dataclasses import dataclass

CODE = "text"
WORDS = "text[]"
MOMENT = "timestamptz"
SECONDS = "integer"
COUNT = "integer"
FLAG = "boolean"
NUMBER = "numeric"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a fact: `since` is the version that brought it."""

    name: str
    kind: str
    meaning: str
    since: int = 1


@dataclass(frozen=True, slots=True)
class Fact:
    """A table of facts; its key begins with the node, so that no region can write another's row."""

    name: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]

    def at(self, version: int) -> tuple[Column, ...]:
        """The columns that this version of the facts has."""
        return tuple(one for one in self.columns if one.since <= version)


def _legs(*names: str) -> tuple[Column, ...]:
    return tuple(Column(f"{one}_seconds", SECONDS, LEGS[one]) for one in names)


LEGS = {
    "collect": "from the order to the draw",
    "pick_up": "from the draw to the courier",
    "arrive": "on the road",
    "accept": "from the door to acceptance",
    "measure": "from acceptance to the measurement",
    "release": "from the measurement to release",
    "report": "from release to the order's final report",
    "whole": "from the order to its final report",
}
NODE = Column("node", CODE, "the region's code")
ID = Column("id", "bigint", "the region's own row number; it stands on no paper")
OF_LABORATORY = Column("laboratory", CODE, "code of the laboratory")
OF_SITE = Column("site", CODE, "code of the site that ordered")
OF_ANALYZER = Column("analyzer", CODE, "code of the analyzer; empty: none")
OF_TEST = Column("test", CODE, "code of the test in the catalogue")
URGENCY = Column("urgency", CODE, "R routine, S urgent")

NODE_FACT = Fact(
    "node_fact",
    ("node",),
    "the region itself: what it publishes, and how far it has come",
    (
        NODE,
        Column("version", COUNT, "of the facts that the region can publish"),
        Column("program", CODE, "version of the program"),
        Column("beat_at", MOMENT, "when the region last said that it publishes"),
        Column("complete_until", MOMENT, "every change up to then is published"),
        Column("sweeping", FLAG, "the first copy is still under way"),
    ),
)
SITE_FACT = Fact(
    "site_fact",
    ("node", "code"),
    "a site or laboratory of the region",
    (
        NODE,
        Column("code", CODE, "its code in the region"),
        Column("kind", CODE, "collection_point, rapid_laboratory, hub"),
        Column("laboratory", CODE, "code of the laboratory its tubes go to; empty: none"),
        Column("name_en", CODE, "its public name in English"),
        Column("name_ru", CODE, "its public name in Russian"),
        Column("latitude", NUMBER, "degrees"),
        Column("longitude", NUMBER, "degrees"),
        Column("is_active", FLAG, "works today"),
    ),
)
RESULT_FACT = Fact(
    "result_fact",
    ("node", "id"),
    "a result, without its value",
    (
        NODE,
        ID,
        OF_LABORATORY,
        OF_SITE,
        OF_ANALYZER,
        OF_TEST,
        URGENCY,
        Column("state", CODE, "recorded, held, released, superseded, refused, recalled, withdrawn, kept"),
        Column("run", COUNT, "1: the first measurement"),
        Column("version", COUNT, "1: not amended"),
        Column("is_automatic", FLAG, "released by rules, without a person"),
        Column("is_critical", FLAG, "beyond a critical limit"),
        Column("held_because", WORDS, "codes of the reasons why it waited"),
        Column("collected_at", MOMENT, "when it was drawn"),
        Column("measured_at", MOMENT, "when it was measured"),
        Column("recorded_at", MOMENT, "when it was recorded"),
        Column("released_at", MOMENT, "when it was released"),
        Column("reported_at", MOMENT, "when the order's first final report was released"),
        *_legs(*LEGS),
    ),
)
SPECIMEN_FACT = Fact(
    "specimen_fact",
    ("node", "id"),
    "a tube on its way",
    (
        NODE,
        ID,
        OF_LABORATORY,
        OF_SITE,
        Column("container", CODE, "code of the container"),
        Column("specimen_type", CODE, "code of the material"),
        URGENCY,
        Column("state", CODE, "planned ... accepted, rejected, missing, cancelled"),
        Column("is_drawn_again", FLAG, "replaces a tube that was not fit"),
        Column("conditions", WORDS, "codes of what reception saw"),
        Column("tests", COUNT, "tests that it serves"),
        Column("rejected_tests", COUNT, "of them rejected"),
        Column("rejected_because", WORDS, "codes of the reasons"),
        Column("collected_at", MOMENT, "when it was drawn"),
        Column("picked_up_at", MOMENT, "when the courier took it"),
        Column("arrived_at", MOMENT, "when it came to the door"),
        Column("accepted_at", MOMENT, "when it was accepted"),
        *_legs("collect", "pick_up", "arrive", "accept"),
    ),
)
CONTROL_FACT = Fact(
    "control_fact",
    ("node", "id"),
    "a value of a control",
    (
        NODE,
        ID,
        OF_LABORATORY,
        OF_ANALYZER,
        OF_TEST,
        Column("lot", CODE, "digest of material and lot: 16 hexadecimal digits"),
        Column("level", COUNT, "of the material"),
        Column("unit", CODE, "UCUM"),
        Column("value", NUMBER, "as measured"),
        Column("z", NUMBER, "(value - mean) / SD; empty: no target yet"),
        Column("is_counted", FLAG, "not set aside"),
        Column("verdict", CODE, "of its run: accepted, warning, rejected, establishing"),
        Column("rules", WORDS, "rules that its run broke"),
        Column("measured_at", MOMENT, "when it was measured"),
    ),
)
BIAS_FACT = Fact(
    "bias_fact",
    ("node", "month", "kind", "laboratory", "analyzer", "test", "lot", "level"),
    "a month of a test on an analyzer: the middle of its patients, or the mean of a control lot",
    (
        NODE,
        Column("month", "date", "its first day"),
        Column("kind", CODE, "patients or lot"),
        OF_LABORATORY,
        OF_ANALYZER,
        OF_TEST,
        Column("lot", CODE, "digest of material, lot and unit; empty: patients"),
        Column("level", COUNT, "of the material; 0: patients"),
        Column("n", COUNT, "values; of patients never fewer than 20"),
        Column("middle", NUMBER, "median of patients, mean of a lot"),
        Column("low", NUMBER, "first quartile of patients; mean less one SD of a lot"),
        Column("high", NUMBER, "third quartile of patients; mean and one SD of a lot"),
    ),
)
FACTS = (NODE_FACT, SITE_FACT, RESULT_FACT, SPECIMEN_FACT, CONTROL_FACT, BIAS_FACT)


def newest(facts: tuple[Fact, ...] = FACTS) -> int:
    """The version of the facts that these tables are."""
    return max(one.since for fact in facts for one in fact.columns)


def agreed(region: int, federation: int) -> int:
    """The version that flows between two programs: the newest that both have."""
    return min(region, federation)
