"""The table at the end: one row for each thing that was compared."""
import math


def rows_of(measures):
    """{(group, aspect, value): measures}, in order of first appearance, aspects together."""
    rows = {}
    for m in measures:
        for aspect, value in m.labels:
            rows.setdefault((m.group, aspect, value), []).append(m)
    order = {}
    for group, aspect, _ in rows:
        order.setdefault((group, aspect), len(order))
    groups = {}
    for group, _, _ in rows:
        groups.setdefault(group, len(groups))
    return dict(sorted(rows.items(), key=lambda row: (groups[row[0][0]], order[row[0][:2]])))


def shown(number):
    return "-" if math.isnan(number) else "0" if number == 0 else f"{number:.1e}"


def print_table(measures):
    """Markdown, so that it can go into a page. A row has the figures of the case that comes nearest
    its bound, or passes it furthest."""
    print("| compared | of | cases | error | PyTorch's | bound | |")
    print("|---|---|---|---|---|---|---|")
    for (group, aspect, value), found in rows_of(measures).items():
        m = max(found, key=lambda one: one.nearness)
        what = f"{aspect}: {value}" if aspect else value
        verdict = "ok" if all(one.holds for one in found) else "FAILED"
        print(f"| {group} | {what} | {len(found)} | {shown(m.error)} | {shown(m.own)} | {shown(m.bound)} | "
              f"{verdict} |")
