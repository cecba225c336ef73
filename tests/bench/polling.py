"""How late news is found at the same number of requests: our polling against the rules of others.

    python tests/bench/polling.py [--quick] [--feeds 60] [--seeds 5] [--budgets 6,12,24] [--processes 2]

Two sets of feeds: synthetic ones, and ones rebuilt from the entry dates of ../shared/corpus/feeds (skipped, and said
so, where that folder is absent). Each rule's one knob is sought until it makes as many polls as the budget allows. One
row per rule and budget, the mean over the seeds; then the goals, each on the mean over the seeds and on the worst seed.
Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import polling_rules as rules  # noqa: E402
from tests.bench.polling_bound import Hindsight  # noqa: E402
from tests.bench.polling_run import DAYS, HISTORY_D, MEASURED_D, WARM_UP_D, at_equal_requests  # noqa: E402
from tests.bench.polling_traces import CORPUS, START_S, corpus, synthetic  # noqa: E402
from worker.schedule.hours import DAY_S  # noqa: E402

NAMES: dict[str, type[rules.Rule]] = {
    "fixed": rules.Fixed,
    "miniflux": rules.Miniflux,
    "NewsBlur": rules.NewsBlur,
    "Media Cloud": rules.MediaCloud,
    "MAV": rules.MovingAverage,
    "square root": rules.SquareRoot,
    "feedmill": rules.Ours,
    "oracle": rules.Oracle,
    "hindsight": Hindsight,
}
GOALS = {
    "fixed": 0.70,
    "miniflux": 0.70,
    "NewsBlur": 0.70,
    "Media Cloud": 0.70,
    "MAV": 0.70,
    "square root": 0.97,
    "oracle": 1.20,
}
MISSED_POINTS = 0.5
KNOWING = ("feedmill", "oracle", "hindsight")
"""Ours, and those that know what nobody can: no anchors."""


@dataclass(frozen=True, slots=True)
class Row:
    """Minutes; `missed` in percent of all entries; `polls` per feed and day."""

    kind: str
    feeds: int
    seed: int
    budget: float
    rule: str
    polls: float
    mean: float
    median: float
    p95: float
    missed: float


def main() -> None:
    options = _options()
    budgets = [float(part) for part in options.budgets.split(",")]
    kinds = options.sets.split(",")
    if "corpus" in kinds and not any(options.corpus.glob("*.xml.gz")):
        print(f"skipped: traces of real feeds; {options.corpus} is not here")
        kinds.remove("corpus")
    met = []
    with multiprocessing.Pool(options.processes) as pool:
        for kind in kinds:
            began, rows = time.monotonic(), []
            jobs = [(kind, seed, budgets, options.feeds, options.corpus) for seed in range(1, options.seeds + 1)]
            for found in pool.imap_unordered(_measure, jobs):
                rows += found
                print(f"{kind}, seed {found[0].seed}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            met.append(_report(rows, kind, budgets))
    sys.exit(0 if all(met) else 1)


def _measure(job: tuple[str, int, list[float], int, Path]) -> list[Row]:
    kind, seed, budgets, feeds, folder = job
    traces = synthetic(feeds, DAYS, seed) if kind == "synthetic" else corpus(DAYS, seed, folder)
    rules.Ours.profile = rules.learned_profile(traces, START_S + (HISTORY_D + WARM_UP_D) * DAY_S)
    found = []
    for name, rule in NAMES.items():
        knob = 1.0
        for budget in budgets:
            done, knob = at_equal_requests(rule, traces, budget, knob)
            polls = done.polls / len(traces) / MEASURED_D
            found.append(
                Row(kind, len(traces), seed, budget, name, polls, done.mean, done.median, done.p95, done.missed_percent)
            )
    return found


def _report(rows: list[Row], kind: str, budgets: list[float]) -> bool:
    """Prints one kind's tables as Markdown; were all goals met?"""
    met = True
    verdicts = []
    print(f"\n## {kind}, {rows[0].feeds} feeds\n")
    print("| polls/feed/day | rule | polls | mean min | median | p95 | missed % | ours / this: mean (worst seed) |")
    print("|---|---|---|---|---|---|---|---|")
    for budget in budgets:
        by_rule = {
            name: [row for row in rows if (row.kind, row.budget, row.rule) == (kind, budget, name)] for name in NAMES
        }
        ours = {row.seed: row for row in by_rule["feedmill"]}
        for name, seen in by_rule.items():
            if not seen:
                continue
            if name in KNOWING and kind == "corpus":
                told = [row.mean / other.mean for row, other in zip(seen, by_rule["NewsBlur"], strict=True)]
                verdicts.append(f"{name} at {budget:g} a day: {statistics.mean(told):.2f} of NewsBlur's mean delay")
            ratios = [ours[row.seed].mean / row.mean for row in seen]
            shown = "" if name == "feedmill" else f"{statistics.mean(ratios):.2f} ({max(ratios):.2f})"
            if name in GOALS and statistics.mean(ratios) > GOALS[name]:
                shown += f" MISSED, goal {GOALS[name]:.2f}"
                met = False
            print(
                f"| {budget:g} | {name} | {_mean(seen, 'polls'):.2f} | {_mean(seen, 'mean'):.1f} "
                f"| {_mean(seen, 'median'):.1f} | {_mean(seen, 'p95'):.0f} | {_mean(seen, 'missed'):.2f} | {shown} |"
            )
        anchors = [_mean(seen, "missed") for name, seen in by_rule.items() if seen and name not in KNOWING]
        above = _mean(by_rule["feedmill"], "missed") - min(anchors)
        verdict = "met" if above <= MISSED_POINTS else f"MISSED, goal {MISSED_POINTS}"
        met = met and above <= MISSED_POINTS
        verdicts.append(f"missed at {budget:g} a day: {above:+.2f} points against the best of the others, {verdict}")
    print("\n" + "\n".join(verdicts))
    return met


def _mean(rows: list[Row], name: str) -> float:
    return statistics.mean(getattr(row, name) for row in rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="40 feeds, 2 seeds, 2 budgets: about a minute")
    parser.add_argument("--feeds", type=int, default=60, help="synthetic feeds")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budgets", default="6,12,24", help="polls per feed and day, comma-separated")
    parser.add_argument("--sets", default="synthetic,corpus", help="which of the two")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="real feeds, one gzipped file each")
    options = parser.parse_args()
    if options.quick:
        options.feeds, options.seeds, options.budgets = 40, 2, "6,24"
    return options


if __name__ == "__main__":
    main()
