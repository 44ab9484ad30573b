#!/usr/bin/env python3
"""Measures topics given by examples. Standard library only.

  examples.py SET LABELS [--keywords FILE] [--examples 5] [--draws 5] [--titles] [--sitrepd PROGRAM]

SET holds docs.jsonl or docs.jsonl.gz and labels.tsv (id, label); LABELS are the labels with commas between, and only
documents that have exactly one of them are read. Keywords are lines of a label, a tab, and words with commas between.
Each draw takes other examples; they are left out of the figures. With --titles, all but the examples is given by its title
alone. Prints the macro F1 of each draw and their mean."""
import argparse, json, pathlib, random, tempfile

from measure import docs, f1, rows, run


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("set", type=pathlib.Path)
    args.add_argument("labels")
    args.add_argument("--keywords", type=pathlib.Path)
    args.add_argument("--examples", type=int, default=5)
    args.add_argument("--draws", type=int, default=5)
    args.add_argument("--titles", action="store_true")
    args.add_argument("--sitrepd", default="target/release/sitrepd")
    args = args.parse_args()
    labels = args.labels.split(",")
    gold = {it[0]: it[1] for it in rows(args.set / "labels.tsv") if it[1:] and it[1] in labels}
    texts = {it["id"]: it for it in map(json.loads, docs(args.set).splitlines()) if it["id"] in gold}
    words = {it[0]: [w.strip() for w in it[1].split(",")] for it in rows(args.keywords)} if args.keywords else {}
    whole = lambda it: (it.get("title") or "") + "\n" + (it.get("body") or it.get("text") or "")
    told = (lambda it: it.get("title") or "") if args.titles else whole
    all_draws = []
    for draw in range(args.draws):
        order = sorted(texts)
        random.Random(draw).shuffle(order)
        taken = {label: [i for i in order if gold[i] == label][: args.examples] for label in labels}
        used = {i for of in taken.values() for i in of}
        table = lambda label: (f"[[topic]]\nid = {json.dumps(label)}\nname = {json.dumps(label)}\n"
                               f"keywords = {json.dumps(words.get(label, []))}\n"
                               f"examples = {json.dumps([whole(texts[i]) for i in taken[label]], ensure_ascii=False)}\n")
        with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
            file.write("\n".join(map(table, labels)).replace("\x7f", " "))
            file.flush()
            rest = [i for i in texts if i not in used]
            lines = "\n".join(json.dumps({"id": i, "text": told(texts[i])}, ensure_ascii=False) for i in rest)
            found = {it["id"]: {t["id"] for t in it["topics"]} for it in run(args.sitrepd, "topic", lines, "--topics", file.name)}
        each = []
        for label in labels:
            tp = sum(gold[i] == label and label in found[i] for i in rest)
            each.append(f1(tp / max(1, sum(label in found[i] for i in rest)), tp / max(1, sum(gold[i] == label for i in rest))))
        all_draws.append(sum(each) / len(each))
        print(f"draw {draw}: {all_draws[-1]:.3f}")
    print(f"{args.set.name}: mean macro F1 {sum(all_draws) / len(all_draws):.3f}")


if __name__ == "__main__":
    main()
