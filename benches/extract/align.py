"""Which lines of a page belong to the body of its gold: the labels that the scorer of lines is trained with."""

import re
from collections import defaultdict

TOKEN = re.compile(r"\w+", re.UNICODE)
RUN = 4


def tokens(text):
    return [it.lower() for it in TOKEN.findall(text or "")]


def share_in_gold(lines, gold):
    """For each line the number of its tokens, and how many of 1 of them stand in the gold.

    A chain of lines in the order of both texts claims the gold, each part of it once: so a teaser that says what a
    paragraph says gets nothing. Long lines may then claim what is left out of order."""
    gold = tokens(gold)
    of_lines = [tokens(it) for it in lines]
    places = {n: defaultdict(list) for n in range(1, RUN + 1)}
    for n, index in places.items():
        for at in range(len(gold) - n + 1):
            index[tuple(gold[at : at + n])].append(at)

    candidates = []  # line, start and end in the gold, weight, tokens found
    for number, line in enumerate(of_lines):
        n = len(line)
        if 0 < n <= RUN:
            candidates += [(number, at, at + n, n * 0.8, n) for at in places[n].get(tuple(line), [])[:60]]
            continue
        diagonals = defaultdict(list)
        for at in range(n - RUN + 1):
            for place in places[RUN].get(tuple(line[at : at + RUN]), [])[:8]:
                diagonals[place - at].append(place)
        for diagonal in sorted(diagonals, key=lambda it: -len(diagonals[it]))[:6]:
            near = [place for it in range(diagonal - 6, diagonal + 7) for place in diagonals.get(it, ())]
            start, end = min(near), max(near) + RUN
            end = start + n if end - start > n + 12 else end
            found = len({it for place in near for it in range(place, place + RUN)})
            if found >= 0.3 * n:
                candidates.append((number, start, end, float(found), found))

    chosen = best_chain(candidates, len(gold))
    share = [0.0] * len(lines)
    claimed = [False] * len(gold)
    for number, start, end, _, found in chosen:
        share[number] = min(1.0, found / len(of_lines[number]))
        claimed[start:end] = [True] * (end - start)
    for number, line in enumerate(of_lines):
        if share[number] or len(line) < 8:
            continue
        found = {
            it
            for at in range(len(line) - RUN + 1)
            for place in places[RUN].get(tuple(line[at : at + RUN]), [])[:8]
            for it in range(place, place + RUN)
        }
        free = [it for it in found if not claimed[it]]
        if len(free) >= 0.7 * len(line):
            share[number] = min(1.0, len(free) / len(line))
            for it in free:
                claimed[it] = True
    return [len(it) for it in of_lines], share


def best_chain(candidates, length):
    """The heaviest chain of candidates that do not overlap in the gold and come in the order of the lines."""
    tree = [(0.0, -1)] * (length + 2)  # a Fenwick tree of the heaviest chain up to a place

    def heaviest(at):
        best, at = (0.0, -1), at + 1
        while at > 0:
            best, at = max(best, tree[at], key=lambda it: it[0]), at - (at & -at)
        return best

    def note(at, value):
        at += 1
        while at < len(tree):
            if value[0] > tree[at][0]:
                tree[at] = value
            at += at & -at

    before, weight = [-1] * len(candidates), [0.0] * len(candidates)
    at = 0
    while at < len(candidates):
        it = at
        while it < len(candidates) and candidates[it][0] == candidates[at][0]:
            chain, before[it] = heaviest(candidates[it][1])
            weight[it] = chain + candidates[it][3]
            it += 1
        for one in range(at, it):
            note(candidates[one][2], (weight[one], one))
        at = it
    chosen = []
    at = max(range(len(candidates)), key=weight.__getitem__) if candidates else -1
    while at >= 0:
        chosen.append(candidates[at])
        at = before[at]
    return chosen
