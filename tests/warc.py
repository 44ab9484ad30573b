#!/usr/bin/env python3
"""Reads a WARC file of sitrepd with a reader that somebody else wrote.

    python3 -m pip install --target DIR warcio
    SITREPD_WARC=FILE cargo test --test it evidence::what_happened_is_shown
    PYTHONPATH=DIR python3 tests/warc.py FILE

Every digest is checked by the reader; the pages are those of the test.
"""

import sys

from warcio.archiveiterator import ArchiveIterator


def main(path):
    found = []
    with open(path, "rb") as file:
        # With raise, the reader stops at the first digest that does not fit.
        for record in ArchiveIterator(file, check_digests="raise"):
            head = record.rec_headers
            found.append((record.rec_type, head, record.content_stream().read()))
    kinds = [kind for kind, _, _ in found]
    # The last tells of the withdrawal.
    assert kinds == ["warcinfo"] + 2 * ["resource", "metadata", "conversion"] + ["metadata"], kinds
    by_id = {head.get_header("WARC-Record-ID"): kind for kind, head, _ in found}
    assert len(by_id) == len(found), "a record's name occurs twice"
    for number, (kind, head, block) in enumerate(found, 1):
        assert head.protocol == "WARC/1.1", head.protocol
        assert head.get_header("WARC-Block-Digest", "").startswith("sha256:"), kind
        refers = head.get_header("WARC-Refers-To") or head.get_header("WARC-Concurrent-To")
        # That of a withdrawal is about no page.
        stands_alone = kind in ("warcinfo", "resource") or number == len(found)
        assert stands_alone or by_id[refers] == "resource", kind
    old, new = (block for kind, _, block in found if kind == "resource")
    assert b"twelve people" in old and b"Vinnikov" in new and new.startswith(b"<!doctype html>")
    print(f"{len(found)} records read, every digest fits")


main(sys.argv[1])
