"""What a figure gives back: rows for the table, details, a picture."""
import dataclasses

from .measure import number


@dataclasses.dataclass
class Row:
    """One line of the table. Without `bar` it is told and not judged."""

    what: str
    measured: float | None
    behind: str               # The medians it was made of, or why there is none.
    bar: float | None = None
    unit: str = "×"
    at_least: bool = False    # The bar is a floor and not a ceiling.
    digits: int | None = None

    def met(self):
        if self.measured is None:
            return "missing"
        if self.bar is None:
            return ""
        good = self.measured >= self.bar if self.at_least else self.measured <= self.bar
        return "yes" if good else "**no**"

    def measured_text(self):
        return "–" if self.measured is None else f"{number(self.measured, self.digits)} {self.unit}"

    def bar_text(self):
        if self.bar is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.bar:g} {self.unit}"


@dataclasses.dataclass
class Result:
    rows: list
    how: str                # What exactly was measured: sizes, rounds.
    picture: str            # SVG.
    head: list = dataclasses.field(default_factory=list)     # Of the details.
    details: list = dataclasses.field(default_factory=list)  # Rows of text.
    missing: dict = dataclasses.field(default_factory=dict)  # Peer: why it has no figure.


@dataclasses.dataclass
class Figure:
    name: str
    title: str
    measure: object         # (Bench) -> Result


def ratio(what, series, missing, above, below, bar=None, *, scale=1e6, unit="µs", places=None, **more):
    """The median of one contender over that of another. `places`: digits of the medians behind it."""
    for name in (above, below):
        if name not in series:
            return Row(what, None, f"{name}: {missing.get(name, 'not measured')}", bar, **more)
    over, under = series[above], series[below]
    behind = f"{over.told(scale, unit, places)} / {under.told(scale, unit, places)}"
    return Row(what, over.median / under.median, behind, bar, **more)
