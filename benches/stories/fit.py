#!/usr/bin/env python3
"""Fits the weights of src/dedup/weights.rs to labelled stories. Standard library only.

  fit.py FOLDER [--without SET] [--sitrepd PROGRAM]

FOLDER holds one folder a set, each with docs.jsonl or docs.jsonl.gz (records as `sitrepd try story --jsonl` reads
them, in the order in which they came) and clusters.tsv (id, story) or pairs.tsv (id, id, 0 or 1): what `sitrepd stories
export FOLDER/own` writes of an analyst's own merges and splits is such a set. Every set weighs the same, however many
pairs it has, but for sets named in WEIGHT. All but those of AS_IT_IS are read as they are, and with all stories begun within a week and
within a day, those with whole stories without titles too (crowded.py). The pairs are those that sitrepd itself compares, with the words of all records
counted first. With --without, a set is left out, so that the weights can be tried on what they were not fitted to.

The weights are held near those of src/dedup/weights.rs, so that a fit moves them on: a second one moves them a little further.
With --without they begin at 0.
Prints them, and for each set how well they tell the pairs apart."""
import argparse, json, math, pathlib, random, subprocess

from crowded import crowds, stories
from measure import docs, rows

# Whole reports, which is what a daemon reads, are worth more than headlines alone, whose stories were made by machine. Chosen with
# the numbers below and those of src/dedup/stories/linkage.rs, on all sets at once.
WEIGHT = {"uci-headlines": 1.4, "tg-mt-en-ru": 3.4, "ecbplus": 1.4, "wikinews-events": 2.5, "tg-pairs": 0.8}
# A month of headlines as they came.
AS_IT_IS = {"uci-headlines"}
MAX_PAIRS = 6000
# The share of pairs of one story that a set counts as, whatever it has: sets were made in different ways. Of headlines that share
# what says most, seven in ten pairs are of one story.
SAME, SAME_OF = 0.22, {"uci-headlines": 0.5}
# How strongly weights are held near those of before: a new set adds to what is known, and a few pairs do not undo it.
RIDGE = 0.002
# How strongly they are held near 0 where a set is left out: the shipped ones know it.
RIDGE_ANEW = 0.00008
BEFORE = pathlib.Path(__file__).parents[2] / "src/dedup/weights.rs"


def pairs(folder, program):
    """What sitrepd compares, with the labels, by the name of the set and that of the crowd."""
    text = docs(folder)
    if text is None:
        raise SystemExit(f"no docs.jsonl in {folder}")
    table = lambda name: rows(folder / name) if (folder / name).exists() else []
    clusters = [it[:2] for it in table("clusters.tsv")]
    labelled = [it[:3] for it in table("pairs.tsv")]
    story = stories(clusters, labelled, [json.loads(it)["id"] for it in text.splitlines() if it.strip()])
    same = {key: int(label) for a, b, label in labelled for key in ((a, b), (b, a))}
    res = {}
    # Of a set of pairs few are labelled: without titles they would say again what others say better.
    crowded = [] if folder.name in AS_IT_IS else crowds(text, story)[: None if clusters else 2]
    for name, records in [("", text), *crowded]:
        out = subprocess.run([program, "try", "story", "--jsonl", "--features", "--warm"], input=records, capture_output=True,
                             text=True, check=True).stdout
        compared = [(it["id"], other["id"], other["features"]) for it in map(json.loads, out.splitlines()) for other in it["compared"]]
        if clusters:
            found = [(x, int(story[a] == story[b])) for a, b, x in compared if a in story and b in story]
        else:
            found = [(x, same[a, b]) for a, b, x in compared if (a, b) in same]
        res[folder.name, name] = found
    return res


def solve(matrix, right):
    n = len(right)
    rows = [row + [value] for row, value in zip(matrix, right)]
    for i in range(n):
        best = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for r in range(i + 1, n):
            by = rows[r][i] / rows[i][i]
            if by:
                rows[r] = [a - by * b for a, b in zip(rows[r], rows[i])]
    res = [0.0] * n
    for i in reversed(range(n)):
        res[i] = (rows[i][n] - sum(rows[i][c] * res[c] for c in range(i + 1, n))) / rows[i][i]
    return res


def odds(weights, x):
    return max(-30.0, min(30.0, sum(a * b for a, b in zip(weights, x))))


def before():
    """The weights that are shipped."""
    numbers = BEFORE.read_text(encoding="utf-8").split("= [", 1)[1].split("]", 1)[0]
    return [float(it) for it in numbers.split(",") if it.strip()]


def fit(data, prior, ridge, rounds=14):
    """Logistic regression by Newton's method, from `prior` on and near it; `data` is (numbers, label, weight)."""
    size = len(prior)
    total = sum(it[2] for it in data)
    weights = list(prior)
    for _ in range(rounds):
        slope = [-ridge * total * (it - old) for it, old in zip(weights, prior)]
        curve = [[ridge * total if a == b else 0.0 for b in range(size)] for a in range(size)]
        for x, label, share in data:
            p = 1 / (1 + math.exp(-odds(weights, x)))
            used = [i for i in range(size) if x[i]]
            for i in used:
                slope[i] += share * (label - p) * x[i]
                for j in used:
                    curve[i][j] += share * max(p * (1 - p), 1e-4) * x[i] * x[j]
        weights = [a + b for a, b in zip(weights, solve(curve, slope))]
    return weights


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("--without", default="")
    args.add_argument("--sitrepd", default="target/release/sitrepd")
    args = args.parse_args()
    folders = [it for it in sorted(args.folder.iterdir()) if it.is_dir()]
    sets = {key: found for it in folders for key, found in pairs(it, args.sitrepd).items()}
    data = []
    for (name, _), found in sets.items():
        random.Random(1).shuffle(found)
        found = found[:MAX_PAIRS]
        if name != args.without and found:
            same = sum(label for _, label in found)
            of_all = SAME_OF.get(name, SAME)
            share = {1: of_all / max(1, same), 0: (1 - of_all) / max(1, len(found) - same)}
            data += [(x, label, WEIGHT.get(name, 1.0) * 2000 * share[label]) for x, label in found]
    weights = fit(data, [0.0] * len(before()), RIDGE_ANEW) if args.without else fit(data, before(), RIDGE)
    print(", ".join(f"{it:.3f}" for it in weights))
    for (name, crowd), found in sets.items():
        right = sum((odds(weights, x) > 0) == bool(label) for x, label in found)
        crowd = f", all begun within a {crowd}" if crowd else ""
        print(f"{name}{crowd}: {right} of {len(found)} pairs right" + (", left out of the fit" if name == args.without else ""))


if __name__ == "__main__":
    main()
