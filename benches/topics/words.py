#!/usr/bin/env python3
"""Makes `src/classify/meaning/ru.bin`, the vectors of Russian words, from Navec (`news_v1_1B_250K_300d_100q`, MIT licence), GloVe
vectors of a billion words of Russian news that are a part of the package `natasha`.

    python3 -m venv venv && venv/bin/pip install navec==0.10.0 numpy==2.4.6 && venv/bin/pip install --no-deps natasha==1.6.0
    venv/bin/python benches/topics/words.py src/classify/meaning/ru.bin

Kept are the 100,000 most frequent words of Cyrillic letters, and the 64 directions in which the 20,000 most frequent differ most.
Each vector is sixteen pieces of four numbers, and each piece one of 256 (product quantization, Jegou et al. 2011). Prints how much
of the vectors is lost by that. Two minutes."""

import importlib.util
import pathlib
import re
import sys

import numpy as np
from navec import Navec

N_WORDS, N_FREQUENT, DIMENSIONS, PIECE, CODES = 100_000, 20_000, 64, 4, 256


def sip13(data):
    """SipHash-1-3 with keys 0, 0, as `src/text/shingles.rs` has it."""
    mask = 2**64 - 1
    turn = lambda x, n: (x << n | x >> (64 - n)) & mask
    a, b, c, d = 0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573

    def step(a, b, c, d):
        a, c = (a + b) & mask, (c + d) & mask
        b, d = turn(b, 13) ^ a, turn(d, 16) ^ c
        a = turn(a, 32)
        c, a = (c + b) & mask, (a + d) & mask
        b, d = turn(b, 17) ^ c, turn(d, 21) ^ a
        return a, b, turn(c, 32), d

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        a, b, c, d = step(a, b, c, d ^ word)
        a ^= word
    c ^= 0xFF
    for _ in range(3):
        a, b, c, d = step(a, b, c, d)
    return a ^ b ^ c ^ d


def key(word):
    """As `hash` in `src/classify/features.rs`."""
    return sip13(sip13(word.encode()).to_bytes(8, "little")) & 0xFFFFFFFF


def nearest(points, centres):
    """The number of the nearest centre of each point."""
    res = np.empty(len(points), dtype=np.uint8)
    for at in range(0, len(points), 10_000):
        part = points[at : at + 10_000]
        res[at : at + 10_000] = ((centres**2).sum(1) - 2 * part @ centres.T).argmin(1)
    return res


def clustered(points, random):
    """256 centres of the points: k-means of 25 rounds."""
    centres = points[random.choice(len(points), CODES, replace=False)]
    for _ in range(25):
        own = nearest(points, centres)
        n = np.bincount(own, minlength=CODES)
        sums = np.stack([np.bincount(own, points[:, it], CODES) for it in range(points.shape[1])], 1)
        centres = np.where(n[:, None] > 0, sums / np.maximum(n, 1)[:, None], centres)
    return centres


def main():
    package = pathlib.Path(importlib.util.find_spec("natasha").origin).parent
    navec = Navec.load(package / "data/emb/navec_news_v1_1B_250K_300d_100q.tar")
    counted = sorted(zip(navec.vocab.counts, navec.vocab.words), reverse=True)
    # `ё` is folded to `е` before a word is looked up; of two spellings the more frequent is kept.
    words = {}
    for _, word in counted:
        if re.fullmatch("[а-яё]{2,}", word):
            words.setdefault(word.replace("ё", "е"), word)
    words = dict(list(words.items())[:N_WORDS])
    vectors = np.array([navec[it] for it in words.values()], dtype=np.float32)
    vectors -= vectors[:N_FREQUENT].mean(0)
    directions = np.linalg.svd(vectors[:N_FREQUENT], full_matrices=False)[2]
    vectors = vectors @ directions[:DIMENSIONS].T
    random = np.random.default_rng(0)
    centres = np.stack([clustered(vectors[:, it : it + PIECE], random) for it in range(0, DIMENSIONS, PIECE)])
    # Only directions count, so that the scale is not kept.
    whole = np.round(centres / np.abs(centres).max() * 127).astype(np.int8)
    pieces = [nearest(vectors[:, n * PIECE : (n + 1) * PIECE], centre) for n, centre in enumerate(centres)]
    codes = np.stack(pieces, 1)
    kept = np.concatenate([centre[own] for centre, own in zip(centres, pieces)], 1)
    print(f"{len(words)} words; lost of the squares: {((vectors - kept) ** 2).sum() / (vectors**2).sum():.3f}")
    keys = np.array([key(it) for it in words], dtype="<u4")
    # Of two words with one key the vectors are of one: the table has each key once.
    keys, first = np.unique(keys, return_index=True)
    codes = codes[first]
    pathlib.Path(sys.argv[1]).write_bytes(whole.tobytes() + keys.tobytes() + codes.tobytes())


if __name__ == "__main__":
    main()
