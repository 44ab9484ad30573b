#!/usr/bin/env python3
"""How well pages are read: figures for a folder of pages with gold. Standard library only.

    score.py [--program sitrepd] [--worst N] FOLDER...     reads FOLDER/html/ID.html with `sitrepd try page --jsonl`
    score.py --set FOLDER ANSWERS.jsonl                    scores answers that are there already

FOLDER/gold.jsonl has "id" and any of "url", "body", "title", "author", "date", "lang", "with", "without". The body is scored by
runs of four words: precision and recall of each page, averaged, and F1 of the averages; an empty answer counts in recall
only, as in the benchmark that made the measure (scrapinghub/article-extraction-benchmark)."""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import time
import unicodedata
from collections import Counter

WORD = re.compile(r"\w+", re.UNICODE)


def runs(text):
    words = WORD.findall(text or "")
    return Counter(it for at in range(max(1, len(words) - 3)) if (it := tuple(words[at : at + 4])))


def precision_recall(gold, answer):
    a, b = runs(gold), runs(answer)
    both = sum((a & b).values())
    if not b:
        return None, 0.0
    return both / sum(b.values()), both / max(1, sum(a.values()))


def folded(text):
    text = " ".join(text) if isinstance(text, list) else text or ""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def is_right(key, gold, answer):
    if key == "date":
        return (answer or "")[:10] == gold[:10]
    if key == "lang":
        return (answer or "")[:2].lower() == gold[:2].lower()
    if key == "author":
        return bool(answer) and set(folded(answer)) >= set(folded(gold))
    return folded(answer) == folded(gold)


def score(name, gold, answers, worst=0):
    found = []
    for page in gold:
        if page.get("body"):
            found.append((page["id"], *precision_recall(page["body"], answers.get(page["id"], {}).get("body"))))
    out = [f"{name}:"]
    if found:
        precisions = [p for _, p, _ in found if p is not None]
        p = statistics.mean(precisions) if precisions else 0.0
        r = statistics.mean(r for _, _, r in found)
        each = {i: 2 * (p or 0) * r / ((p or 0) + r) if (p or 0) + r else 0.0 for i, p, r in found}
        out.append(f"body of {len(found)} F1 {2 * p * r / (p + r) if p + r else 0:.4f} (P {p:.4f} R {r:.4f}),")
        out.append(f"{sum(it < 0.5 for it in each.values())} below 0.5;")
        for i, f in sorted(each.items(), key=lambda it: it[1])[:worst]:
            print(f"    {f:.3f} {i}")
    segments = Counter()
    for page in gold:
        body = answers.get(page["id"], {}).get("body") or ""
        for key in ("with", "without"):
            for it in page[key] if isinstance(page.get(key), list) else ():
                segments[key, it in body] += 1
    if segments:
        p = segments["with", True] / max(1, segments["with", True] + segments["without", True])
        r = segments["with", True] / max(1, segments["with", True] + segments["with", False])
        out.append(f"segments F1 {2 * p * r / (p + r) if p + r else 0:.4f} (P {p:.4f} R {r:.4f});")
    for key in ("title", "author", "date", "lang"):
        pages = [it for it in gold if it.get(key)]
        if pages and any(key in it for it in answers.values()):
            right = sum(is_right(key, it[key], answers.get(it["id"], {}).get(key)) for it in pages)
            out.append(f"{key} {right / len(pages):.3f} of {len(pages)};")
    print(" ".join(out), flush=True)


def read(program, folder, gold):
    lines = [
        {"id": it["id"], "path": str((folder / "html" / f"{it['id']}.html").resolve()), "url": it.get("url")} for it in gold
    ]
    text = "".join(json.dumps(it) + "\n" for it in lines)
    start = time.monotonic()
    done = subprocess.run([program, "try", "page", "--jsonl"], input=text, capture_output=True, text=True, check=True)
    taken = time.monotonic() - start
    print(f"    {len(gold)} pages in {taken:.1f} s: {len(gold) / taken:.0f} a second, files and start included")
    return {it["id"]: it for it in map(json.loads, done.stdout.splitlines())}


def main():
    arguments = sys.argv[1:]
    option = lambda name: arguments.pop(arguments.index(name) + 1) if name in arguments else None
    of_set, program, worst = option("--set"), option("--program") or "sitrepd", int(option("--worst") or 0)
    folders = [it for it in arguments if not it.startswith("--")]
    if not folders:
        sys.exit(__doc__)
    load = lambda path: [json.loads(it) for it in open(path, encoding="utf8") if it.strip()]
    if of_set:
        name = pathlib.Path(of_set).name
        answers = {it["id"]: it for it in load(folders[0]) if it.get("set", name) == name}
        score(name, load(pathlib.Path(of_set) / "gold.jsonl"), answers, worst)
        return
    for folder in map(pathlib.Path, folders):
        gold = load(folder / "gold.jsonl")
        score(folder.name, gold, read(program, folder, gold), worst)


if __name__ == "__main__":
    main()
