#!/usr/bin/env python3
"""Makes the data of scripts/bench: a CSV of made-up Gellish facts, the same bytes for the same number of rows.

40 % of the facts are specializations. The taxonomy is a deep tree of kinds and a shallow one of
facets under one root; a tenth of the concepts have a facet as their second supertype. Since a kind's
facets only ever lie on chains of one tree, every lineage has a consistent C3 order. With 1,000,000
rows: 364,346 concepts, 6,425,040 lineage entries, 6,060,695 subtype members.
"""

import os
import random
import sys

VERSION = 1  # of the data; part of the file's name
COLUMNS = [0, 69, 54, 71, 16, 2, 44, 101, 1, 60, 3, 15, 45, 201, 65, 4, 66, 7, 14, 8, 67, 9, 10, 12, 13, 50, 68]
FIRST_CONCEPT = 100_000
FIRST_FACT = 10_000_000
SPECIALIZATION_SHARE = 0.4
SECOND_SUPERTYPE_SHARE = 0.1
FACET_SHARE = 0.02
# A concept's supertype is found at this part of its own number: nearer to 1 is a deeper tree.
DEPTH = 0.3
FACET_DEPTH = 0.2

WORDS = (
    "pump valve pipe vessel flange bolt heat exchanger column tray motor shaft bearing seal gasket "
    "sensor cable frame beam plate"
).split()
OTHER_RELATIONS = [(1190, "is a part of"), (4714, "can have a role as a"), (1981, "is a synonym of")]


class Taxonomy:
    """Supertypes by number: of concept i the main one is main[i], the second one second[i] or None.

    Concept 0 is the root, 1 to facets the facets, the rest the kinds.
    """

    def __init__(self, specializations, rng):
        self.main, self.second = [None], [None]
        # Each concept but the root has one supertype, a tenth of them two.
        concepts = round(specializations / (1 + SECOND_SUPERTYPE_SHARE))
        self.facets = max(1, round(concepts * FACET_SHARE))
        facts = 0
        while facts < specializations:
            i = len(self.main)
            self.main.append(self._main(i, rng.random()))
            self.second.append(None)
            facts += 1
            if i > self.facets and facts < specializations and rng.random() < SECOND_SUPERTYPE_SHARE:
                self.second[i] = 1 + int(rng.random() * self.facets)
                facts += 1

    def _main(self, i, random01):
        if i <= self.facets:
            return int((i - 1) * FACET_DEPTH + random01) if i > 1 else 0
        kind = i - self.facets - 1  # from 0
        if kind == 0:
            return 0
        window = max(1, kind // 16)
        parent = int(kind * DEPTH + (random01 - 0.5) * window)
        return self.facets + 1 + min(max(parent, 0), kind - 1)

    def edges(self):
        for i in range(1, len(self.main)):
            yield i, self.main[i]
            if self.second[i] is not None:
                yield i, self.second[i]


def concept_names(count, rng):
    """Two to four words each; different concepts may share a name."""
    pairs = [f"{a} {b}" for a in WORDS for b in WORDS]
    return [
        pairs[int(r * len(pairs))] if i % 3 else f"{pairs[int(r * len(pairs))]} {WORDS[i % len(WORDS)]}"
        for i, r in ((i, rng.random()) for i in range(count))
    ]


def common_tail(i):
    """The columns after the definitions, which cycle."""
    return (
        f",,,{'remark on it' if i % 50 == 0 else ''},accepted,,2001-03-{i % 28 + 1:02},2008-11-{i % 28 + 1:02},"
        f"Author {i % 17},Reference {i % 23},1049,facts about concepts\n"
    )


def lines(rows, seed=1):
    """The rows of the CSV as text, without the header."""
    rng = random.Random(seed)
    taxonomy = Taxonomy(round(rows * SPECIALIZATION_SHARE), rng)
    concepts = len(taxonomy.main)
    names = concept_names(concepts, rng)
    tails = [common_tail(i) for i in range(28 * 17 * 23)]
    head = "910036,English,193259,ontology"
    i = 0
    for child, parent in taxonomy.edges():
        c, p = names[child], names[parent]
        yield (
            f"{i + 1},{head},{FIRST_CONCEPT + child},,{c},{FIRST_FACT + i},1146,is a specialization of,"
            f"{FIRST_CONCEPT + parent},,{p},that is made for {c},is a {p} that is made for {c}{tails[i % len(tails)]}"
        )
        i += 1
    while i < rows:
        left, right = int(rng.random() * concepts), int(rng.random() * concepts)
        relation, phrase = OTHER_RELATIONS[i % 3]
        yield (
            f'{i + 1},{head},{FIRST_CONCEPT + left},"1,1",{names[left]},{FIRST_FACT + i},{relation},{phrase},'
            f'{FIRST_CONCEPT + right},"0,n",{names[right]},,is a {names[right]}{tails[i % len(tails)]}'
        )
        i += 1


def make(path, rows):
    """Writes the CSV, under another name until it is whole."""
    partial = f"{path}.{os.getpid()}.tmp"
    try:
        with open(partial, "w", encoding="utf-8", newline="", buffering=1 << 20) as out:
            out.write(",".join(map(str, COLUMNS)) + "\n")
            out.writelines(lines(rows))
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: bench_data.py ROWS FILE")
    make(sys.argv[2], int(sys.argv[1]))
