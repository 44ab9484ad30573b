"""Labelled stories as a daemon meets them: all begun within days, with titles and without. Standard library only.

The stories of a labelled set are years apart, or have no dates. Whoever learns from that takes two reports of one day for one
event; and in a daemon nearly all are of this week. So with titles: where only one set has reports without, they are taken for one event."""
import collections, datetime, json, random

# Name, days within which all stories begin, days between the reports of one where they have no dates of their own, and whether titles
# are left or stand at the start of the text.
CROWDS = [("week", 5, 0.35, True), ("day", 1, 0.2, True), ("week, no titles", 5, 0.35, False), ("day, no titles", 1, 0.2, False)]
# Any moment will do: 2026-03-01.
START = 1772323200


def seconds(date):
    whole = date + "0000-01-01"[len(date):]  # 2026-11, too
    res = datetime.datetime.fromisoformat(whole.replace("Z", "+00:00"))
    return (res if res.tzinfo else res.replace(tzinfo=datetime.timezone.utc)).timestamp()


def date(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def stories(clusters, pairs, ids):
    """The story of each record: from (id, story), or from (id, id, 1 where both are of one)."""
    if clusters:
        return dict(clusters)
    first = {it: it for it in ids}

    def of(it):
        while first[it] != it:
            it = first[it]
        return it

    for a, b, label in pairs:
        if int(label) and a in first and b in first:
            first[of(a)] = of(b)
    return {it: of(it) for it in first}


def untitled(record):
    whole = ". ".join(it for it in (record.get("title"), record.get("body")) if it)
    return {**record, "title": "", "body": whole}


def crowded(text, story, days, apart, is_titled, seed):
    """The records of `text`, JSON lines, with new dates and in their order; the reports of a story stay as far apart as they are."""
    docs = [json.loads(it) for it in text.splitlines() if it.strip()]
    dice, of_story = random.Random(seed), collections.defaultdict(list)
    for it in docs:
        of_story[story.get(it["id"], it["id"])].append(it)
    for _, reports in sorted(of_story.items()):
        begun = START + dice.uniform(0, days) * 86400
        dated = [seconds(it["published"]) for it in reports if it.get("published")]
        for it in reports:
            after = seconds(it["published"]) - min(dated) if it.get("published") else dice.expovariate(1 / apart) * 86400
            it["published"] = date(begun + after)
    docs.sort(key=lambda it: it["published"])
    docs = docs if is_titled else [untitled(it) for it in docs]
    return "\n".join(map(json.dumps, docs)) + "\n"


def crowds(text, story):
    """(name, records) of each of CROWDS; of records without titles those that leave them as they are."""
    has_titles = any(json.loads(it).get("title") for it in text.splitlines() if it.strip())
    named = [(name, crowded(text, story, *how, n)) for n, (name, *how) in enumerate(CROWDS)]
    return named if has_titles else named[:2]
