#!/usr/bin/env python3
"""Makes the tables of src/extract/weights/: see README.md beside this file.

    train.py lines WORK SET...     the scorer of lines: SET/gold.jsonl with "body", or "with" and "without"
    train.py check WORK SET...     the figures of the whole extractor that `lines` prints, and no table is written
    train.py dates WORK SET...     the scorer of dates: SET/gold.jsonl with "date"

A SET is a folder with gold.jsonl ("id", "url" and the gold) and html/ID.html. Prints figures for sites that a scorer
was not trained on (five parts, split by site), then trains on all sites and writes the table. Needs numpy and lightgbm."""

import functools
import json
import pathlib
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import lightgbm
import numpy as np

from align import share_in_gold, tokens

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = HERE.parent.parent / "src/extract/weights"
FOLDS = 5
# The same numbers on every machine: one thread for a model, so that several are made at once.
SAME = dict(deterministic=True, force_col_wise=True, num_threads=1, seed=1, verbose=-1)
LINES = dict(
    SAME,
    objective="binary", learning_rate=0.06, num_leaves=31, min_data_in_leaf=60, feature_fraction=0.3, bagging_fraction=0.8,
    bagging_freq=1, lambda_l2=5.0, max_bin=127,
)
# The second scorer sees what the first one said of all lines of the page (src/extract/context.rs).
CONTEXT = dict(LINES, num_leaves=15, learning_rate=0.05)
# A line that the first scorer is less sure of is not judged again: SURE_NOT in src/extract/body.rs.
SURE_NOT = 0.01
DATES = dict(
    objective="binary", learning_rate=0.05, num_leaves=12, min_data_in_leaf=10, feature_fraction=0.4, bagging_fraction=0.8,
    bagging_freq=1, lambda_l2=3.0, seed=1, verbose=-1,
)
# Sites write news; these sets hold much else.
LESS_WEIGHT = {"wcxb-article-dev": 0.5}


def site(url, default):
    """The registrable domain, nearly: what must not be in both halves of a split."""
    host = (urlsplit(url or "").hostname or default).lower().removeprefix("www.").split(".")
    second_level = {"co", "com", "org", "net", "gov", "ac", "edu", "or", "blogspot", "wordpress"}
    return ".".join(host[-3:] if len(host) > 2 and host[-2] in second_level else host[-2:])


def tool(work, folder, mode):
    """Runs the tool beside this script over the pages of a set."""
    out = work / "lines" / folder.name
    command = ["cargo", "bench", "--quiet", "--bench", "extract", "--", str(out / "pages.jsonl"), str(out), mode]
    subprocess.run(command, check=True, cwd=HERE)
    return out


def read(work, folder, mode):
    """The pages of a set with their lines and features, by the tool beside this script."""
    folder = pathlib.Path(folder)
    out = work / mode / folder.name
    out.mkdir(parents=True, exist_ok=True)
    gold = [json.loads(it) for it in open(folder / "gold.jsonl", encoding="utf8") if it.strip()]
    with open(out / "pages.jsonl", "w", encoding="utf8") as file:
        for it in gold:
            path = str((folder / "html" / f"{it['id']}.html").resolve())
            file.write(json.dumps({"id": it["id"], "path": path, "url": it.get("url")}) + "\n")
    command = ["cargo", "bench", "--quiet", "--bench", "extract", "--", str(out / "pages.jsonl"), str(out)]
    subprocess.run(command + ([] if mode == "lines" else [mode]), check=True, cwd=HERE)
    lines = [json.loads(it)["lines"] for it in open(out / "lines.jsonl", encoding="utf8")]
    features = np.fromfile(out / "features.f32", dtype="<f4").reshape(sum(map(len, lines)), -1)
    at = 0
    for page, of_page in zip(gold, lines):
        fold = zlib.crc32(site(page.get("url"), page["id"]).encode()) % FOLDS
        yield folder.name, page, of_page, features[at : at + len(of_page)], fold
        at += len(of_page)


def labels(page, lines):
    """Of each line whether it belongs to the article (nan: nobody knows) and its weight."""
    if page.get("body"):
        n, share = map(np.array, share_in_gold(lines, page["body"]))
        # What a line costs when it is judged wrongly: its part of the text.
        weight = np.minimum(n / max(50, n[share > 0.5].sum()), 0.5) * 100 + 0.3
        weight = np.where((share > 0.15) & (share < 0.85), weight / 2, weight)
        return (share > 0.5).astype(float), weight
    label = np.full(len(lines), np.nan)
    for at, line in enumerate(lines):
        if any(it in line for it in page.get("without", ())):
            label[at] = 0
        if any(it in line for it in page.get("with", ())):
            label[at] = 1
    return label, np.full(len(lines), 1.5)


def cross_validated(features, label, weight, fold, parameters, rounds):
    def unseen(it):
        model = trained(features, label, weight, np.isfinite(label) & (fold != it), parameters, rounds)
        return model.predict(features[fold == it])

    res = np.zeros(len(label))
    with ThreadPoolExecutor(2) as pool:
        for it, judged in enumerate(pool.map(unseen, range(FOLDS))):
            res[fold == it] = judged
    return res


def trained(features, label, weight, known, parameters, rounds):
    data = lightgbm.Dataset(features[known], label[known], weight=weight[known], params=parameters)
    return lightgbm.train(parameters, data, rounds)


def table(model, name, path):
    """Trees in preorder: (feature, threshold, nodes of the left subtree), (65535, value, 0) for a leaf."""

    def nodes(it):
        if "leaf_value" in it:
            return [(65535, it["leaf_value"], 0)]
        left, right = nodes(it["left_child"]), nodes(it["right_child"])
        assert it["decision_type"] == "<=" and it["split_feature"] < 65535 and len(left) < 256
        return [(it["split_feature"], it["threshold"], len(left))] + left + right

    def number(value):
        text = f"{value:.5g}"
        return text if any(it in text for it in ".e") else text + ".0"

    trees = [nodes(it["tree_structure"]) for it in model.dump_model()["tree_info"]]
    with open(path, "w", encoding="utf8") as file:
        file.write("//! Made by `benches/extract/train.py`.\n\nuse crate::extract::scorer::Node;\n\n")
        file.write(f"/// {len(trees)} trees.\npub(in crate::extract) const {name}: &[&[Node]] = &[\n")
        for it in trees:
            file.write("&[" + ",".join(f"({a},{number(b)},{c})" for a, b, c in it) + "],\n")
        file.write("];\n")


def lines(work, sets, write=True):
    pages = [it for folder in sets for it in read(work, folder, "lines")]
    known = [labels(page, texts) for _, page, texts, _, _ in pages]
    features = np.concatenate([it[3] for it in pages])
    label = np.concatenate([it[0] for it in known])
    weight = np.concatenate([it[1] * LESS_WEIGHT.get(page[0], 1.0) for it, page in zip(known, pages)])
    fold = np.concatenate([np.full(len(it[2]), it[4]) for it in pages])
    print(f"{len(pages)} pages, {len(label)} lines, {np.isfinite(label).sum()} of them labelled")
    judged = cross_validated(features, label, weight, fold, LINES, 200)
    judge(work, sets, pages, judged)
    context = [np.fromfile(tool(work, folder, "context") / "context.f32", dtype="<f4") for folder in sets]
    context = np.concatenate(context).reshape(len(label), -1)
    again = judged > SURE_NOT
    both = np.concatenate([features[again], context[again]], axis=1)
    second = judged.copy()
    second[again] = cross_validated(both, label[again], weight[again], fold[again], CONTEXT, 200)
    judge(work, sets, pages, (judged + second) / 2)
    for folder in sets:
        # What the whole extractor makes of it, in the official measure.
        subprocess.run([sys.executable, HERE / "score.py", "--set", folder, tool(work, folder, "bodies") / "bodies.jsonl"], check=True)
    if not write:
        return
    known = np.isfinite(label)
    table(trained(features, label, weight, known, LINES, 200), "LINES", WEIGHTS / "lines.rs")
    known = known[again]
    table(trained(both, label[again], weight[again], known, CONTEXT, 200), "CONTEXT", WEIGHTS / "context.rs")


def judge(work, sets, pages, judged):
    """Writes how the lines are judged where the tool looks for it."""
    at = 0
    for folder in sets:
        n_lines = sum(len(it[2]) for it in pages if it[0] == folder.name)
        judged[at : at + n_lines].astype("<f4").tofile(work / "lines" / folder.name / "judged.f32")
        at += n_lines


def dates(work, sets):
    pages = [it for folder in sets for it in read(work, folder, "dates")]
    pages = [it for it in pages if it[1].get("date") or it[1].get("nodate")]
    gold = [(page.get("date") or "none")[:10] for _, page, _, _, _ in pages]
    features = np.concatenate([it[3] for it in pages])
    label = np.concatenate([np.array([day == it for day in page[2]], float) for it, page in zip(gold, pages)])
    weight = np.concatenate([np.full(len(it[2]), LESS_WEIGHT.get(it[0], 1.0)) for it in pages])
    fold = np.concatenate([np.full(len(it[2]), it[4]) for it in pages])
    judged = cross_validated(features, label, weight, fold, DATES, 150)
    right, all_, at = {}, {}, 0
    for day, (name, _, days, _, _) in zip(gold, pages):
        sure = judged[at : at + len(days)]
        at += len(days)
        if day != "none":
            all_[name] = all_.get(name, 0) + 1
            right[name] = right.get(name, 0) + (len(days) > 0 and days[int(np.argmax(sure))] == day)
    for name, n in all_.items():
        print(f"{name}: {right[name]} of {n} dates, {right[name] / n:.3f} (sites unseen)")
    table(lightgbm.train(DATES, lightgbm.Dataset(features, label, weight=weight), 150), "DATES", WEIGHTS / "dates.rs")


MODES = {"lines": lines, "check": functools.partial(lines, write=False), "dates": dates}

if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in MODES:
        sys.exit(__doc__)
    # As they are named: the order of the pages decides which of them a tree draws.
    MODES[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve(), [pathlib.Path(it) for it in sys.argv[3:]])
