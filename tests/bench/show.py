"""How the figures of compare.py are shown."""

import sys


def short_time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            figure = seconds / size
            return f"{figure:.{0 if figure >= 100 else 1 if figure >= 10 else 2}f} {unit}"


def short_ratio(ratio):
    return f"{ratio:,.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def show(workload, what, rows):
    """One workload: a line for each side."""
    print(f"\n{workload}  {what}")
    print(f"    {'':24} {'median':>9} {'middle half':>19} {'times nel':>10} {'last loss':>10}")
    for row in rows:
        name = row["side"] + (", two threads" if row["threads"] == 2 else "")
        if "gave_up" in row:
            print(f"    {name:24} given up after {row['gave_up']} s")
            continue
        if "published" in row:
            ratio = short_ratio(row["times_nel"])
            print(f"    {name:24} {short_time(row['median']):>9} {'not measured here':>19} {ratio:>10} {'':>10}  {row['published']}")
            continue
        low, high = map(short_time, row["quartiles"])
        remark = "  by its own method" if row["own_way"] else "  does not learn as nel does" if row["alike"] is False else ""
        print(
            f"    {name:24} {short_time(row['median']):>9} {low + ' – ' + high:>19} {short_ratio(row['times_nel']):>10}"
            f" {row['loss']:>10.4f}{remark}"
        )
    sys.stdout.flush()
