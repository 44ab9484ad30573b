#!/usr/bin/env python3
"""Measures copies, stories and topics on labelled sets. Standard library only.

  measure.py FOLDER [--sitrepd PROGRAM]

FOLDER is searched for folders that hold docs.jsonl or docs.jsonl.gz and one of
  pairs_levels.tsv  id, id, W (copy), P (in part) or N (independent)     copies
  clusters.tsv      id, story                                             stories: BCubed and pair figures
  pairs.tsv         id, id, 1 (one story) or 0                            stories: figures of the pairs
  labels.tsv        id, topics with commas between                        topics, where topics.toml lies beside it, or
                                                                          by the shipped topics in a folder `region`
Prints one line a set, and for stories without dates of their own more: as a daemon meets them, all begun within a week and within
a day, with titles and without (crowded.py)."""
import argparse, collections, gzip, json, pathlib, subprocess

from crowded import crowds


def docs(folder):
    for name, read in (("docs.jsonl", open), ("docs.jsonl.gz", gzip.open)):
        if (folder / name).exists():
            with read(folder / name, "rt", encoding="utf-8") as it:
                return it.read()
    return None


def rows(path):
    return [it.split("\t") for it in path.read_text(encoding="utf-8").splitlines() if it.strip()]


def f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


def figures(tp, fp, fn):
    p, r = tp / (tp + fp) if tp + fp else 0.0, tp / (tp + fn) if tp + fn else 0.0
    return f"F1 {f1(p, r):.3f} (precision {p:.3f}, recall {r:.3f})"


def of_pairs(gold, found):
    tp = sum(1 for pair, label in gold.items() if label and pair in found)
    fp = sum(1 for pair, label in gold.items() if not label and pair in found)
    return figures(tp, fp, sum(gold.values()) - tp) + f", {fp} false"


def clusters(gold, found):
    gold = dict(gold)
    both = collections.Counter((found.get(i, i), story) for i, story in gold.items())
    mine = collections.Counter(found.get(i, i) for i in gold)
    theirs = collections.Counter(gold.values())
    p = sum(n * n / mine[a] for (a, _), n in both.items()) / len(gold)
    r = sum(n * n / theirs[b] for (_, b), n in both.items()) / len(gold)
    pairs = lambda counts: sum(n * (n - 1) // 2 for n in counts.values())
    tp = pairs(both)
    return f"BCubed F1 {f1(p, r):.3f} ({p:.3f}, {r:.3f}); pairs {figures(tp, pairs(mine) - tp, pairs(theirs) - tp)}"


def run(program, stage, text, *more):
    out = subprocess.run([program, "try", stage, "--jsonl", *more], input=text, capture_output=True, text=True, check=True)
    return [json.loads(it) for it in out.stdout.splitlines()]


def stories(folder, text, program):
    if not any((folder / it).exists() for it in ("pairs_levels.tsv", "clusters.tsv", "pairs.tsv")):
        return
    found = run(program, "story", text)
    key = lambda a, b: (a, b) if a < b else (b, a)
    if (folder / "pairs_levels.tsv").exists():
        copies = {key(it["id"], other["id"]): other["level"] for it in found for other in it["copies"]}
        labels = {key(a, b): level for a, b, level, *_ in rows(folder / "pairs_levels.tsv")}
        strict = {pair: level == "W" for pair, level in labels.items() if level != "P"}
        print(f"{folder.name}: strict", of_pairs(strict, {it for it, level in copies.items() if level == "copy"}))
        print(f"{folder.name}: lenient", of_pairs({it: level != "N" for it, level in labels.items()}, copies))
        return
    story = {it["id"]: it["story"] for it in found}
    if (folder / "clusters.tsv").exists():
        gold = [it[:2] for it in rows(folder / "clusters.tsv")]
        print(f"{folder.name}:", clusters(gold, story))
        # Where all have dates, they are as they came.
        is_dated = all(json.loads(it).get("published") for it in text.splitlines())
        for name, records in [] if is_dated else crowds(text, dict(gold)):
            crowd = {it["id"]: it["story"] for it in run(program, "story", records)}
            print(f"{folder.name}, all begun within a {name}:", clusters(gold, crowd))
    elif (folder / "pairs.tsv").exists():
        gold = {key(a, b): label == "1" for a, b, label, *_ in rows(folder / "pairs.tsv")}
        print(f"{folder.name}:", of_pairs(gold, {it for it in gold if story.get(it[0]) == story.get(it[1], 0)}))


def topics(folder, text, program):
    own = folder / "topics.toml"
    if not own.exists() and folder.name != "region":
        return
    found = {it["id"]: {t["id"] for t in it["topics"]} for it in run(program, "topic", text, *(["--topics", str(own)] if own.exists() else []))}
    gold = {it[0]: {t for t in it[1].split(",") if t} for it in rows(folder / "labels.tsv")}
    counts = {}
    for name in sorted(set().union(*gold.values()) - {"off-topic", "not_news"}):
        tp = sum(name in labels and name in found.get(i, ()) for i, labels in gold.items())
        counts[name] = tp, sum(name in found.get(i, ()) for i in gold) - tp, sum(name in it for it in gold.values()) - tp
    macro = sum(f1(tp / max(1, tp + fp), tp / max(1, tp + fn)) for tp, fp, fn in counts.values()) / len(counts)
    print(f"{folder.name}: macro F1 {macro:.3f}; micro", figures(*map(sum, zip(*counts.values()))))
    off = [i for i, labels in gold.items() if labels == {"off-topic"}]
    if off:
        wrong = sum(bool(found.get(i, set()) & set(counts)) for i in off)
        print(f"{folder.name}: {wrong} of {len(off)} articles off topic have one")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("--sitrepd", default="target/release/sitrepd")
    args = args.parse_args()
    for folder in [args.folder, *sorted(it for it in args.folder.rglob("*") if it.is_dir())]:
        text = docs(folder)
        if text is not None:
            stories(folder, text, args.sitrepd)
            if (folder / "labels.tsv").exists():
                topics(folder, text, args.sitrepd)


if __name__ == "__main__":
    main()
