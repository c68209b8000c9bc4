"""The charts of docs/detection.md, drawn from studies/results/ and from one simulated feed.

Run: `make bench-detection` draws them last; by hand `python studies/charts.py` in its environment.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from simulator import DRIFTS, FAMILY, delivered, make, thinned

from ketenwacht.domain.stats import own_history
from ketenwacht.domain.stats.season import CalendarTerms

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

RESULTS = Path(__file__).parent / "results"
IMAGES = Path(__file__).parents[1] / "docs" / "images"
# The seed is one of the median: half of the others are found sooner. The threshold is the nominal one.
SEED, COUNT, ONSET, LOSS, THRESHOLD = 41, 700, 600, 0.2, float(np.log(261.0))
# Colours that are told apart by people who see few, and a mark of its own for each.
_STYLES = (
    ("#0b3d91", "o"),
    ("#b8860b", "s"),
    ("#7a1f5c", "^"),
    ("#2e7d32", "D"),
    ("#c0392b", "v"),
    ("#555555", "x"),
)


def save(figure: Figure, name: str) -> None:
    """Write a chart, the same bytes for the same figures."""
    figure.tight_layout()
    figure.savefig(IMAGES / name, metadata={"Date": None})
    plt.close(figure)


def delays() -> None:
    """How often and how soon losses are found, everyone at the same false alarms."""
    found: dict[str, Any] = json.loads((RESULTS / "detection.json").read_text())
    kinds = {
        "mild": "mild drift",
        "base": "base drift",
        "strong": "strong drift",
        "births": "US births, 20 a day",
    }
    figure, axes = plt.subplots(2, len(kinds), figsize=(12, 6), sharex=True, sharey="row")
    for column, (kind, title) in enumerate(kinds.items()):
        for row, (colour, mark) in zip(found[kind], _STYLES, strict=False):
            losses = [float(x) for x in row["equal"]]
            share = [v[0] for v in row["equal"].values()]
            middle = [v[1] if v[1] is not None else np.nan for v in row["equal"].values()]
            few = row["runs"] < found[kind][0]["runs"]
            reader = {"label": row["method"] + (" (few runs)" if few else ""), "linewidth": 0.0 if few else 1.4}
            for axis, values in zip(axes[:, column], (share, middle), strict=True):
                axis.plot([100 * x for x in losses], values, color=colour, marker=mark, **reader)
        axes[0, column].set_title(title)
        axes[1, column].set_xlabel("loss in one segment, %")
        axes[1, column].set_yscale("log")
    axes[0, 0].set_ylabel("share found within a year")
    axes[1, 0].set_ylabel("median days until found")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False, fontsize=8)
    figure.tight_layout(rect=(0, 0.09, 1, 1))
    figure.savefig(IMAGES / "detection-delays.svg", metadata={"Date": None})
    plt.close(figure)


def coverage() -> None:
    """How often the 90 % interval holds the missing persons."""
    found: dict[str, Any] = json.loads((RESULTS / "interval_coverage.json").read_text())
    figure, axis = plt.subplots(figsize=(6, 3.2))
    for (later, rows), (colour, mark) in zip(found["after"].items(), _STYLES, strict=False):
        losses = [100 * float(x) for x in rows]
        share = np.array([hit / n for n, hit in rows.values()])
        error = 1.64 * np.sqrt(share * (1 - share) / np.array([n for n, _ in rows.values()]))
        label = "on the day of the alarm" if later == "0" else f"{later} deliveries later"
        axis.errorbar(losses, share, error, color=colour, marker=mark, label=label, capsize=3, linewidth=1.2)
    axis.axhline(0.9, color="#555555", linestyle="--", linewidth=1)
    axis.set(xlabel="loss, %", ylabel="share of intervals that hold it", ylim=(0.7, 1.0))
    axis.legend(frameon=False, fontsize=8, loc="lower right")
    save(figure, "detection-coverage.svg")


def segment() -> None:
    """One segment that loses a fifth: what is seen by the day, and what adds up."""
    rng = np.random.default_rng(SEED)
    feed = make(DRIFTS["base"], COUNT, 1, rng)
    y = delivered(thinned(feed.decided, FAMILY, LOSS, np.array([ONSET]), rng), rng)[..., 0]
    panel = own_history.panel_of(feed.days, y, CalendarTerms(feed.holidays))
    history = own_history.watch(panel, own_history.Budget(threshold=np.inf))
    evidence = np.maximum(history.evidence[:, FAMILY], 0.0)
    part = slice(ONSET - 120, ONSET + 90)
    alarm = ONSET + int((evidence[ONSET:] >= THRESHOLD).argmax())
    figure, (above, below) = plt.subplots(2, 1, figsize=(9, 5), sharex=True, height_ratios=(3, 2))
    above.plot(feed.days[part], y[part, FAMILY], ".", color="#555555", markersize=4, label="delivered, each day")
    above.plot(feed.days[part], history.expected[part, FAMILY], color="#0b3d91", label="expected", linewidth=1)
    above.axvspan(feed.days[ONSET], feed.days[part][-1], color="#c0392b", alpha=0.08, label="one in five is lost")
    above.set_ylabel("persons a day")
    above.legend(frameon=False, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    below.plot(feed.days[part], evidence[part], color="#0b3d91", linewidth=1.4)
    below.axhline(THRESHOLD, color="#c0392b", linestyle="--", linewidth=1)
    below.annotate(
        f"alarm, {alarm - ONSET + 1} deliveries after the onset",
        (feed.days[alarm], THRESHOLD),
        xytext=(-260, 8),
        textcoords="offset points",
        arrowprops={"arrowstyle": "->"},
        fontsize=8,
    )
    below.set_ylabel("evidence, nats")
    save(figure, "detection-segment.svg")


def main() -> None:
    """Draw all charts."""
    mpl.rcParams.update({"svg.hashsalt": "ketenwacht", "font.size": 9, "axes.spines.top": False})
    mpl.rcParams["axes.spines.right"] = False
    IMAGES.mkdir(exist_ok=True)
    segment()
    coverage()
    delays()


if __name__ == "__main__":
    main()
