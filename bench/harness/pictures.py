"""Small SVG charts, written by hand: bars, points on a logarithmic axis, lines. They carry their own
colours for light and for dark surroundings and have no background."""
import math
from xml.sax.saxutils import escape

from .measure import number

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 15px; }
.soft { fill: #6e7781; } .rule { stroke: #d0d7de; stroke-width: 1; }
.ours { fill: #0969da; } .peer { fill: #8c959f; }
.ours-line { stroke: #0969da; } .peer-line { stroke: #8c959f; }
.limit { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 4 3; } .limit-text { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .soft { fill: #9198a1; } .rule { stroke: #3d444d; }
  .ours { fill: #4493f8; } .peer { fill: #7d8590; }
  .ours-line { stroke: #4493f8; } .peer-line { stroke: #7d8590; }
  .limit { stroke: #f85149; } .limit-text { fill: #f85149; }
}
"""
WIDTH, LABELS, RIGHT, TOP, STEP = 760, 230, 110, 64, 28


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(str(words))}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def document(height, title, unit, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>", text(16, 26, title, "title"), text(16, 46, unit, "soft"), *parts,
        "</svg>", ""])


def nothing(title, unit):
    return document(TOP + STEP, title, unit, [text(16, TOP + 15, "nothing was measured")])


def kind_of(label):
    return "ours" if label.startswith("skein") else "peer"


def bars(title, unit, items, limit=None):
    """`items`: (label, value). `limit`: (value, words), a line across all."""
    if not items:
        return nothing(title, unit)
    most = max([value for _, value in items] + ([limit[0]] if limit else [])) or 1
    scale = (WIDTH - LABELS - RIGHT) / most
    parts = []
    for row, (label, value) in enumerate(items):
        y = TOP + row * STEP
        parts += [text(LABELS - 10, y + 15, label, anchor="end"),
                  f'<rect x="{LABELS}" y="{y}" width="{max(1, value * scale):.1f}" height="20" rx="2" '
                  f'class="{kind_of(label)}"/>',
                  text(LABELS + value * scale + 8, y + 15, number(value))]
    bottom = TOP + len(items) * STEP
    parts.append(line(LABELS, TOP - 4, LABELS, bottom, "rule"))
    if limit:
        x = LABELS + limit[0] * scale
        parts += [line(x, TOP - 4, x, bottom, "limit"), text(x, bottom + 16, limit[1], "limit-text", "middle")]
    return document(bottom + 28, title, unit, parts)


def points(title, unit, items):
    """As `bars`, for values that lie decades apart."""
    if not items:
        return nothing(title, unit)
    low = math.floor(math.log10(min(value for _, value in items)))
    high = math.ceil(math.log10(max(value for _, value in items)))
    scale = (WIDTH - LABELS - RIGHT) / max(1, high - low)
    bottom = TOP + len(items) * STEP
    parts = []
    for decade in range(low, high + 1):
        x = LABELS + (decade - low) * scale
        parts += [line(x, TOP - 4, x, bottom, "rule"), text(x, bottom + 16, f"{10.0 ** decade:g}", "soft", "middle")]
    for row, (label, value) in enumerate(items):
        x, y = LABELS + (math.log10(value) - low) * scale, TOP + row * STEP + 10
        parts += [text(LABELS - 10, y + 5, label, anchor="end"), line(LABELS, y, x, y, f"{kind_of(label)}-line"),
                  f'<circle cx="{x:.1f}" cy="{y}" r="6" class="{kind_of(label)}"/>', text(x + 12, y + 5, number(value))]
    return document(bottom + 28, title, unit, parts)


def lines(title, unit, series, across):
    """`series`: {label: [(x, y), …]} over a logarithmic x named `across`; y begins at 0."""
    if not series:
        return nothing(title, unit)
    height, bottom = 330, 280
    xs = sorted({x for line_of in series.values() for x, _ in line_of})
    most = max(y for line_of in series.values() for _, y in line_of) or 1
    left, right = 60, WIDTH - 190

    def place(x, y):
        share = math.log(x / xs[0]) / (math.log(xs[-1] / xs[0]) or 1)
        return left + share * (right - left), bottom - y / most * (bottom - TOP)

    parts = [line(left, bottom, right, bottom, "rule"), text((left + right) / 2, height - 12, across, "soft", "middle")]
    for x in xs:
        parts.append(text(place(x, 0)[0], bottom + 18, f"{x:,}", "soft", "middle"))
    for share in (0.5, 1):
        y = place(xs[0], most * share)[1]
        parts += [line(left, y, right, y, "rule"), text(left - 8, y + 4, number(most * share), "soft", "end")]
    taken = []
    for label, line_of in series.items():
        places = [place(x, y) for x, y in line_of]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke-width="2.5" class="{kind_of(label)}-line"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{kind_of(label)}"/>' for x, y in places]
        y = free_place(places[-1][1] + 5, taken)
        parts.append(text(places[-1][0] + 12, y, f"{label} {number(line_of[-1][1])}"))
    return document(height, title, unit, parts)


def free_place(y, taken):
    """Labels at the ends of lines must not lie on each other."""
    while any(abs(y - other) < 15 for other in taken):
        y += 3
    taken.append(y)
    return y
