"""readme.py FIGURES README [--check]: writes the table of speed in README from the figures that compare.py measured.

The table stands between two comments. With --check nothing is written; the exit status is 1 where README does not say what the
figures say.
"""

import json
import sys
import textwrap
from pathlib import Path

from show import short_ratio, short_time

BEGIN, END = "<!-- speed: written by `make figures` -->\n", "<!-- end of speed -->\n"
MARKS = {"own": "\u2020", "unlike": "\u2021", "published": "\u00a7"}


def cell(row):
    """Time and ratio of a side, on nel's one thread."""
    if row is None:
        return ""
    if "gave_up" in row:
        return f"over {row['gave_up']} s"
    mark = MARKS["own"] if row["own_way"] else MARKS["unlike"] if row["alike"] is False else ""
    mark = MARKS["published"] if "published" in row else mark
    if row["side"] == "nel" and row["threads"] == 1:
        return f"**{short_time(row['median'])}**"
    return f"{short_time(row['median'])} ×{short_ratio(row['times_nel'])}{mark}"


def table(figures):
    rows = [row for workload in figures["workloads"].values() for row in workload["rows"]]
    sides = [name for name in dict.fromkeys([*figures["versions"], *(row["side"] for row in rows)]) if name != "nel"]
    heads = [f"{name} {figures['versions'].get(name, '')}".strip() for name in sides]
    lines = ["| | nel | " + " | ".join(heads) + " |", "|---|" + "---|" * (len(heads) + 1)]
    for name, workload in figures["workloads"].items():
        for threads in sorted({row["threads"] for row in workload["rows"]}):
            of = {row["side"]: row for row in workload["rows"] if row["threads"] == threads}
            what = f"{name} {workload['what']}" if threads == 1 else f"{name} on two threads"
            lines.append("| " + " | ".join([what] + [cell(of.get(side)) for side in ["nel", *sides]]) + " |")
    return lines


def ahead(figures):
    """Where others are faster than nel on one thread."""
    found = [
        f"{row['side']} on {name} (×{short_ratio(row['times_nel'])})"
        for name, workload in figures["workloads"].items()
        for row in workload["rows"]
        if row["threads"] == 1 and row["side"] != "nel" and row.get("times_nel", 1) < 0.95
    ]
    return f"Faster than nel: {', '.join(found)}." if found else "None of them is faster than nel on one thread."


def spread(figures):
    """How wide the middle half of nel's trainings is: the widest of the workloads, as a share of the median."""
    rows = [workload["rows"][0] for workload in figures["workloads"].values()]
    return max((row["quartiles"][1] - row["quartiles"][0]) / row["median"] for row in rows)


def section(figures):
    where = figures["machine"]
    marks = []
    rows = [row for workload in figures["workloads"].values() for row in workload["rows"] if "gave_up" not in row]
    if any(row["own_way"] for row in rows):
        marks.append(f"{MARKS['own']} by a method of its own, since it lacks the optimiser or the loss.")
    if any(row["alike"] is False for row in rows):
        marks.append(f"{MARKS['unlike']} its last loss differs much from nel's.")
    marks += [f"{MARKS['published']} not measured here: {row['published']}." for row in rows if "published" in row]
    said = [
        f"Measured {figures['date']} on {where['processor']} ({where['cores']} cores, {where['vectors']}), one thread unless said: medians",
        f"of {figures['rounds']} rounds in which all took turns, and how many times nel's time that is. The middle half of nel's own",
        f"trainings lies within {spread(figures):.0%} or less of the median, so that a ratio nearer to 1 than that says nothing.",
        ahead(figures),
        *marks,
    ]
    return "\n".join([*table(figures), "", textwrap.fill(" ".join(said), 130)]) + "\n"


def main():
    figures, readme = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    text = readme.read_text()
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if not found or END not in rest:
        sys.exit(f"{readme} has no place for the figures: {BEGIN.strip()} … {END.strip()}")
    written = before + BEGIN + "\n" + section(figures) + "\n" + END + after
    if "--check" not in sys.argv:
        readme.write_text(written)
    elif written != text:
        sys.exit(f"{readme} does not say what {sys.argv[1]} says: `make figures` writes it")


main()
