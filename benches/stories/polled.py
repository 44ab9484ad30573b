#!/usr/bin/env python3
"""Measures the topics that a daemon gives by examples: real polls of a feed on this machine. Standard library only.

  polled.py SET LABELS [--given LABELS] [--examples 3,5,10,20] [--draws 3] [--articles 400] [--beside FOLDER]
            [--others 400] [--shipped] [--keywords FILE] [--sitrepd PROGRAM]

SET and LABELS are as for examples.py: documents that have exactly one of the LABELS are read. Topics are made of the GIVEN labels,
all where left out, each by so many examples; documents of the other labels, and so many OTHERS of docs.jsonl in the folder BESIDE,
are articles that have none of the topics. A feed brings so many articles, chosen at random, in an archive that was empty: half of them to
the first `sitrepd poll`, all to the second. With --shipped, the topics stand in a file with the shipped ones.

Prints for both polls the macro F1 of the given topics, precision and recall over all of them, and how many of the articles that have none
of them got one."""
import argparse, http.server, json, pathlib, random, subprocess, tempfile, threading

from measure import docs, f1, rows

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "config/topics.toml"


class Feed(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/feed"
        self.send_response(200 if found else 404)
        self.send_header("content-type", "application/feed+json")
        self.end_headers()
        if found:
            items = [{"id": i, "url": f"http://{self.headers['host']}/{i}", "title": title, "content_text": text}
                     for i, title, text in self.server.items]
            feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": items}
            self.wfile.write(json.dumps(feed).encode())

    def log_message(self, *_):
        pass


def polled(program, server, topics, polls):
    """The topics of each article by its id, after one poll for each list of articles."""
    address = f"127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        config = home / "config"
        config.mkdir()
        (config / "topics.toml").write_text(topics, encoding="utf-8")
        (config / "watches.toml").write_text("")
        (config / "sources.toml").write_text(f'[[source]]\nid = "feed"\nname = "Feed"\nurl = "http://{address}/feed"\n'
                                             'kind = "syndication"\npages = false\n')
        (config / "sitrepd.toml").write_text(f'[daemon]\ncontact = "bench"\n[fetch]\nallow_private = ["{address}"]\n'
                                             'host_delay = "0s"\n[poll]\nmax_entries = 100000\n'
                                             "[store]\nmin_free_bytes = 0\nmin_free_share = 0.0\n")
        call = lambda *arguments: subprocess.run([program, "--config-dir", config, "--state-dir", home / "state", *arguments],
                                                 capture_output=True, text=True, check=True).stdout
        for server.items in polls:
            call("poll")
        call("export", home / "records")
        records = map(json.loads, (home / "records").read_text(encoding="utf-8").splitlines())
        reports = [it["change"]["Report"] for it in records if "Report" in it["change"]]
    return {it["article"]["guid"]: {tag["topic"] for tag in it["tags"]} for it in reports}


def draw(args, texts, gold, given, beside, n_examples, seed, server, words):
    order = sorted(set(texts) & set(gold))
    random.Random(seed).shuffle(order)
    taken = {label: [i for i in order if gold.get(i) == label][:n_examples] for label in given}
    used = {i for of in taken.values() for i in of}
    table = lambda label: (f"[[topic]]\nid = {json.dumps(label)}\nname = {json.dumps(label)}\n"
                           f"keywords = {json.dumps(words.get(label, []), ensure_ascii=False)}\n"
                           f"examples = {json.dumps([whole(texts[i]) for i in taken[label]], ensure_ascii=False)}\n")
    topics = "\n".join(map(table, given)).replace("\x7f", " ")
    if args.shipped:
        topics = SHIPPED.read_text(encoding="utf-8") + "\n" + topics
    rest = [i for i in order if i not in used][: args.articles] + beside[: args.others]
    random.Random(seed).shuffle(rest)
    half = len(rest) // 2
    items = [(i, texts[i].get("title") or "", texts[i].get("body") or texts[i].get("text") or "") for i in rest]
    found = polled(args.sitrepd, server, topics, [items[:half], items])
    res = []
    for part in rest[:half], rest[half:]:
        part = [i for i in part if i in found]
        counts = []
        for label in given:
            tp = sum(gold.get(i) == label and label in found[i] for i in part)
            counts.append((tp, sum(label in found[i] for i in part) - tp, sum(gold.get(i) == label for i in part) - tp))
        none = [i for i in part if gold.get(i) not in given]
        res.append((counts, len(none), sum(bool(found[i] & set(given)) for i in none)))
    return res


def whole(it):
    return (it.get("title") or "") + "\n" + (it.get("body") or it.get("text") or "")


def told(draws):
    """The figures of some draws: the mean of their macro F1, the rest over all of them together."""
    each = [[f1(tp / max(1, tp + fp), tp / max(1, tp + fn)) for tp, fp, fn in counts] for counts, _, _ in draws]
    tp, fp, fn = (sum(it[n] for counts, _, _ in draws for it in counts) for n in range(3))
    none, wrong = (sum(it[n] for it in draws) for n in (1, 2))
    macro = sum(sum(it) / len(it) for it in each) / len(each)
    of_none = f", {wrong} of {none} others" if none else ""
    return f"F1 {macro:.3f} ({tp / max(1, tp + fp):.3f}, {tp / max(1, tp + fn):.3f}){of_none}"


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("set", type=pathlib.Path)
    args.add_argument("labels")
    args.add_argument("--given")
    args.add_argument("--examples", default="3,5,10,20")
    args.add_argument("--draws", type=int, default=3)
    args.add_argument("--articles", type=int, default=400)
    args.add_argument("--beside", type=pathlib.Path)
    args.add_argument("--others", type=int, default=400)
    args.add_argument("--shipped", action="store_true")
    args.add_argument("--keywords", type=pathlib.Path)
    args.add_argument("--sitrepd", default="target/release/sitrepd")
    args = args.parse_args()
    labels = args.labels.split(",")
    given = args.given.split(",") if args.given else labels
    gold = {it[0]: it[1] for it in rows(args.set / "labels.tsv") if it[1:] and it[1] in labels}
    texts = {it["id"]: it for it in map(json.loads, docs(args.set).splitlines()) if it["id"] in gold}
    others = {it["id"]: it for it in map(json.loads, docs(args.beside).splitlines())} if args.beside else {}
    beside = sorted(others)
    words = {it[0]: [w.strip() for w in it[1].split(",")] for it in rows(args.keywords)} if args.keywords else {}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{args.set.name}, topics {', '.join(given)}: macro F1 (precision, recall)")
    for n_examples in map(int, args.examples.split(",")):
        draws = [draw(args, {**others, **texts}, gold, given, beside, n_examples, seed, server, words) for seed in range(args.draws)]
        first, second = ([it[n] for it in draws] for n in (0, 1))
        print(f"{n_examples:3} examples each: first poll {told(first)}; second {told(second)}", flush=True)


if __name__ == "__main__":
    main()
