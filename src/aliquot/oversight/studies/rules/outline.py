"""What each kind of study needs of a person: its columns, what its plan may state, what can be gathered.

By name as in `evaluating`; the columns and fields are those that the kinds read. Source: the CLSI document of
each kind, named in the module that judges it; ISO 15189:2022, 7.3.2 and 7.3.3 (criteria are stated before).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.given import Given, given

PAIRS, CONTROLS = "pairs", "controls"
NUMBER, POSITIVE, LEVELS, WORD = "number", "positive", "levels", "word"
TRACED = ("tube", "measured_at")
"""Columns that say where a value comes from and are no part of a study."""

NO_CRITERION = "State what is acceptable before anything is measured: at least one limit or claim."
NOT_PLANNED = (
    "%(name)s stands in the file and not so in the plan; the plan was made before. Remove that line."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the data: its name in the file, what stands in it, whether it is a number."""

    name: str
    label: str
    is_number: bool = True
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the plan: its name, its words, what is typed; a criterion decides by itself."""

    name: str
    label: str
    form: str = POSITIVE
    is_criterion: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A kind: its words, columns, fields, how data are gathered from analyzers ("" where they cannot be).

    `rows` are labels that the template already holds; `decides_alone`: it has a criterion of its own.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    gathers: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    decides_alone: bool = False


ALPHA = Field("alpha", "Significance (0.05)")
BIAS = Field("allowable_bias", "Allowable bias, in the unit", is_criterion=True)
BIAS_PERCENT = Field("allowable_bias_percent", "Allowable bias, %", is_criterion=True)
TEA = Field("tea", "Allowable total error, in the unit", is_criterion=True)
TEA_PERCENT = Field("tea_percent", "Allowable total error, %", is_criterion=True)
DECISION_LEVELS = Field("decision_levels", "Decision levels, parted by semicolons", LEVELS)
IN_USE = Column("x", "in use")
ON_TRIAL = Column("y", "on trial")
TUBE = Column("tube", "number of the tube", is_number=False, is_needed=False)
METHODS = (
    ("deming", "Deming"),
    ("weighted_deming", "weighted Deming"),
    ("passing_bablok", "Passing-Bablok"),
    ("ols", "least squares"),
    ("wls", "weighted least squares"),
)
COMPARING = (
    BIAS,
    BIAS_PERCENT,
    TEA,
    TEA_PERCENT,
    DECISION_LEVELS,
    Field("method", "Line that decides", WORD, choices=METHODS),
)
FIVE_BY_FIVE = tuple((str(day), "") for day in range(1, 6) for _ in range(5))

OUTLINES: Mapping[str, Outline] = {
    "precision": Outline(
        "Precision",
        "Imprecision within a run and within the laboratory: EP15 (5 days by 5) or EP05.",
        (
            Column("day", "day", is_number=False),
            Column("y", "measured value"),
            Column("run", "run of the analyzer", is_number=False, is_needed=False),
            Column("level", "level or material", is_number=False, is_needed=False),
        ),
        (
            Field("allowable_cv", "Allowable CV within the laboratory, %", is_criterion=True),
            Field("allowable_repeatability_cv", "Allowable CV of repeatability, %", is_criterion=True),
            Field("allowable_sd", "Allowable SD within the laboratory", is_criterion=True),
            Field("claim_cv_repeatability", "Claimed CV of repeatability, %", is_criterion=True),
            Field("claim_cv_within_lab", "Claimed CV within the laboratory, %", is_criterion=True),
            Field("claim_sd_repeatability", "Claimed SD of repeatability", is_criterion=True),
            Field("claim_sd_within_lab", "Claimed SD within the laboratory", is_criterion=True),
        ),
        CONTROLS,
        FIVE_BY_FIVE,
    ),
    "comparison": Outline(
        "Method comparison",
        "The bias of one method against another at the decision levels: EP09, 40 specimens.",
        (TUBE, IN_USE, ON_TRIAL),
        COMPARING,
        PAIRS,
    ),
    "bland-altman": Outline(
        "Agreement (Bland-Altman)",
        "Mean difference and limits of agreement of two methods.",
        (TUBE, IN_USE, ON_TRIAL),
        (
            BIAS,
            BIAS_PERCENT,
            TEA,
            TEA_PERCENT,
            Field("limit_of_agreement", "Widest limit of agreement", is_criterion=True),
            Field(
                "mode",
                "Differences",
                WORD,
                choices=(("difference", "in the unit"), ("percent", "in percent"), ("ratio", "as ratios")),
            ),
        ),
        PAIRS,
    ),
    "equivalence": Outline(
        "Localisation (equivalence)",
        "Another supplier's reagent or analyzer against the one in use, with its supply.",
        (TUBE, IN_USE, ON_TRIAL),
        COMPARING,
        PAIRS,
    ),
    "lot": Outline(
        "Lot against lot",
        "The new lot of a reagent against the one in use by specimens of patients: EP26.",
        (
            TUBE,
            Column("current", "lot in use"),
            Column("candidate", "new lot"),
            Column("level", "level", is_number=False, is_needed=False),
        ),
        (
            Field("critical_difference", "Critical difference, in the unit", is_criterion=True),
            Field("critical_difference_percent", "Critical difference, %", is_criterion=True),
        ),
        PAIRS,
    ),
    "linearity": Outline(
        "Linearity",
        "The deviation from a straight line over the measuring interval: EP06, five levels.",
        (
            Column("expected", "expected value"),
            Column("y1", "first"),
            Column("y2", "second", is_needed=False),
        ),
        (
            Field("adl_percent", "Allowable deviation from linearity, %", is_criterion=True),
            BIAS,
            Field(
                "procedure",
                "Procedure",
                WORD,
                choices=(("weighted", "weighted line (2020)"), ("polynomial", "polynomials (2003)")),
            ),
        ),
        rows=tuple((share, "", "") for share in ("0", "25", "50", "75", "100")),
    ),
    "detection": Outline(
        "Limits of blank, detection and quantitation",
        "What can be told from nothing, and measured well enough: EP17.",
        (
            Column("sample", "blank, or the specimen", is_number=False),
            Column("value", "measured value"),
            Column("lot", "lot", is_number=False, is_needed=False),
        ),
        (
            Field("claim_lob", "Claimed limit of blank", NUMBER, is_criterion=True),
            Field("claim_lod", "Claimed limit of detection", NUMBER, is_criterion=True),
            Field("claim_loq", "Claimed limit of quantitation", NUMBER, is_criterion=True),
            Field("goal_cv", "Goal for quantitation: CV, %"),
        ),
    ),
    "interval": Outline(
        "Reference interval",
        "A stated interval verified with 20 people, or one established with 120: EP28.",
        (Column("value", "measured value"), Column("sex", "sex or group", is_number=False, is_needed=False)),
        (
            Field("low", "Lower limit to verify", NUMBER),
            Field("high", "Upper limit to verify", NUMBER),
            Field("second", "Second round of twenty", WORD, choices=(("yes", "yes"),)),
        ),
        decides_alone=True,
    ),
    "carry-over": Outline(
        "Carry-over",
        "What a high specimen leaves in the low one after it: H H H L L L, several times.",
        (Column("sequence", "H or L", is_number=False), Column("value", "measured, in this order")),
        (
            Field("allowable_carry_over_percent", "Allowable carry-over, %", is_criterion=True),
            Field("allowable_difference", "Allowable change of the low specimen", is_criterion=True),
        ),
        rows=tuple((one, "") for one in "HHHLLL" * 3),
        decides_alone=True,
    ),
    "uncertainty": Outline(
        "Measurement uncertainty",
        "From internal control, calibrator and bias: ISO/TS 20914.",
        (
            Column("value", "control result"),
            Column("level", "level", is_number=False, is_needed=False),
            Column("lot", "lot of the control", is_number=False, is_needed=False),
        ),
        (
            Field("allowable_expanded_percent", "Allowable expanded uncertainty, %", is_criterion=True),
            Field("allowable_standard_percent", "Allowable standard uncertainty, %", is_criterion=True),
            Field("u_cal_percent", "Standard uncertainty of the calibrator, %"),
            Field("bias_percent", "Uncorrected bias, %", NUMBER),
            DECISION_LEVELS,
        ),
        CONTROLS,
    ),
    "interference": Outline(
        "Interference",
        "A pool with the substance against one without it: EP07.",
        (Column("control", "without the substance"), Column("test", "with the substance")),
        (BIAS, BIAS_PERCENT),
    ),
}


def read_plan(outline: Outline, stated: Mapping[str, str]) -> dict[str, str]:
    """The fields of the plan that are filled, each checked; Unusable names the field.

    Raises Unusable too when no criterion is stated and the kind has none of its own.
    """
    found = {
        one.name: str(stated[one.name]).strip()
        for one in outline.fields
        if str(stated.get(one.name) or "").strip()
    }
    inputs = given(found)
    for one in outline.fields:
        _check(one, inputs)
    if not outline.decides_alone and not any(
        one.is_criterion and one.name in found for one in outline.fields
    ):
        raise Unusable(NO_CRITERION)
    return found


def _check(field: Field, inputs: Given) -> None:
    if field.form == LEVELS:
        inputs.listed(field.name)
    elif field.form == WORD:
        inputs.choice(field.name, known={name: name for name, _ in field.choices}, default="")
    else:
        inputs.number(field.name, **({"above": 0.0} if field.form == POSITIVE else {}))


def read_data(outline: Outline, table: Given, plan: Mapping[str, str]) -> int:
    """How many rows the table has; Unusable for a column that lacks, a cell that is no number, another plan.

    What a table is judged by further is known only to the study itself.
    """
    for name, value in table.values.items():
        if name not in table.places and isinstance(value, str) and _bare(plan.get(name)) != _bare(value):
            raise Unusable(NOT_PLANNED, name=name)
    own = [one for one in outline.columns if one.is_number and table.has(one.name)]
    for column in own:
        table.column(column.name, wanted=column.label)
    return max(map(len, table.places.values()), default=0)


def _bare(value: str | None) -> str:
    """A statement as it is compared: 0,5 is 0.5."""
    return "".join((value or "").split()).replace(",", ".")


def inputs_of(table: Given, plan: Mapping[str, str]) -> Given:
    """Data and plan together as a study reads them, without the columns that only say whence a value is."""
    columns = {name: value for name, value in table.values.items() if name not in TRACED}
    return Given({**columns, **plan}, table.places)


def template(outline: Outline, plan: Mapping[str, str], *, delimiter: str = ",") -> str:
    """The text of a CSV file to fill: the plan as remarks, the columns, and the labels that are known."""
    columns = [one.name for one in outline.columns if one.is_needed or one.name == TUBE.name]
    stated = [f"# {one.name}: {plan[one.name]}" for one in outline.fields if one.name in plan]
    return "".join(f"{one}\r\n" for one in stated) + as_csv(columns, outline.rows, delimiter=delimiter)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ",") -> str:
    """A table as CSV text; what a spreadsheet would take for a formula is said to be text."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([[_harmless(one) for one in row] for row in rows])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "@"} else cell
