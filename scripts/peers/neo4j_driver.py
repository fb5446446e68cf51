#!/usr/bin/env python3
"""Neo4j by its official Python driver, as scripts/bench measures it beside prismctl.

The server is that of NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD. Prints one line of JSON. Each command's clock runs
from its first query to its last answer, on a connection that is open already.
"""

import contextlib
import csv
import datetime
import gc
import json
import os
import sys
import time

import neo4j
import neo4j._rust  # of neo4j-rust-ext, without which this were another peer

BATCH = 10_000
WIPED_AT_ONCE = 10_000

MAKE_ENTITIES = "UNWIND $uids AS uid MERGE (:Entity {uid: uid})"
MAKE_FACTS = (
    "UNWIND $rows AS row MATCH (left:Entity {uid: row[0]}) MATCH (right:Entity {uid: row[1]}) "
    "CREATE (left)-[:role]->(fact:Fact)-[:role]->(right) SET fact = row[2]"
)
FETCH = "MATCH (f:Fact) RETURN f.fact_uid, f.lh_object_uid, f.rh_object_uid"
# Of nodes and relationships, as a backup needs them.
FETCH_ALL = (
    "MATCH (n) RETURN id(n), labels(n), properties(n)",
    "MATCH (a)-[r]->(b) RETURN id(a), id(b), type(r), properties(r)",
)
# What two ways of loading the same must agree on.
CONTENT = {
    "entities": "MATCH (e:Entity) RETURN count(e)",
    "facts": "MATCH (f:Fact) RETURN count(f)",
    "relationships": "MATCH (:Entity)-[r:role]->(f:Fact) WHERE startNode(r).uid = f.lh_object_uid RETURN count(r)",
    "relationships back": "MATCH (f:Fact)-[r:role]->(e:Entity) WHERE e.uid = f.rh_object_uid RETURN count(r)",
    "all relationships": "MATCH ()-[r]->() RETURN count(r)",
    "properties": "MATCH (f:Fact) RETURN sum(size(keys(f)))",
    "numbers": "MATCH (f:Fact) RETURN sum(f.sequence + f.fact_uid + f.rel_type_uid + f.collection_uid)",
    "letters": "MATCH (f:Fact) RETURN sum(size(f.full_definition) + size(f.lh_object_name) + size(f.author))",
    "days": "MATCH (f:Fact) RETURN sum(f.effective_from.day + f.latest_update.year)",
}
RULES = ("SHOW CONSTRAINTS YIELD name RETURN name", "SHOW INDEXES YIELD name, state RETURN name + ' ' + state")


class Clock:
    """Wall and CPU seconds of a `with` block."""

    def __enter__(self):
        # What is prepared is not for the collector to look through again and again.
        gc.collect()
        gc.freeze()
        self.began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.began[0]
        self.cpu = time.process_time() - self.began[1]

    def told(self):
        return {"seconds": self.seconds, "cpu_seconds": self.cpu}


def batches(things, size):
    for begin in range(0, len(things), size):
        yield things[begin : begin + size]


def converter(kind):
    return {"integer": int, "date": datetime.date.fromisoformat, "text": sys.intern}[kind]


def prepared(path, columns):
    """Its rows, as MAKE_FACTS takes them."""
    with open(path, newline="", encoding="utf-8") as source:
        reader = csv.reader(source)
        makers = [(columns[column][0], converter(columns[column][1])) for column in next(reader)]
        for cells in reader:
            fact = {name: make(cell) for (name, make), cell in zip(makers, cells) if cell}
            yield [fact["lh_object_uid"], fact["rh_object_uid"], fact]


def load(session, path, columns, size):
    """Entities before facts, in batches of so many; the CSV is read before the clock starts."""
    rows = list(prepared(path, json.loads(columns)))
    uids = list(dict.fromkeys(uid for row in rows for uid in row[:2]))
    with Clock() as clock:
        for batch in batches(uids, int(size)):
            session.execute_write(lambda transaction: transaction.run(MAKE_ENTITIES, uids=batch).consume())
        for batch in batches(rows, int(size)):
            session.execute_write(lambda transaction: transaction.run(MAKE_FACTS, rows=batch).consume())
    return clock.told()


def load_csv(session, name, columns):
    """LOAD CSV of a file of the server's folder for imports."""
    places = json.loads(columns)
    wraps = {"integer": "toInteger({})", "date": "date({})", "text": "{}"}
    cells = {name: wraps[kind].format(f"line[{at}]") for at, (name, kind) in enumerate(places.values())}
    properties = ", ".join(f"{name}: {cell}" for name, cell in cells.items())
    query = (
        f"LOAD CSV FROM 'file:///{name}' AS line WITH line SKIP 1 CALL {{ WITH line "
        f"MERGE (left:Entity {{uid: {cells['lh_object_uid']}}}) MERGE (right:Entity {{uid: {cells['rh_object_uid']}}}) "
        f"CREATE (left)-[:role]->(:Fact {{{properties}}})-[:role]->(right) "
        f"}} IN TRANSACTIONS OF {BATCH} ROWS"
    )
    with Clock() as clock:
        session.run(query).consume()
    return clock.told()


def fetch(session):
    with Clock() as clock:
        rows = session.run(FETCH).values()
    return {**clock.told(), "rows": len(rows)}


def fetch_all(session):
    """One after the other, and none is kept."""
    rows = 0
    with Clock() as clock:
        for query in FETCH_ALL:
            for record in session.run(query):
                rows += len(record.values()) > 0
    return {**clock.told(), "rows": rows}


def wipe(session):
    """All nodes and relationships; constraints and indexes stay."""
    while session.run(f"MATCH (n) WITH n LIMIT {WIPED_AT_ONCE} DETACH DELETE n RETURN count(n)").single().value():
        pass
    return {}


def describe(session):
    return {
        "content": {what: session.run(query).single().value() for what, query in CONTENT.items()},
        "rules": sorted(name for query in RULES for name in session.run(query).value()),
    }


def main():
    work = {"load": load, "load-csv": load_csv, "fetch": fetch, "fetch-all": fetch_all, "wipe": wipe, "describe": describe}[sys.argv[1]]
    login = neo4j.basic_auth(os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"])
    with contextlib.ExitStack() as ends:
        driver = ends.enter_context(neo4j.GraphDatabase.driver(os.environ["NEO4J_URI"], auth=login))
        session = ends.enter_context(driver.session(database="neo4j", fetch_size=BATCH))
        session.run("RETURN 1").consume()
        print(json.dumps(work(session, *sys.argv[2:])))


if __name__ == "__main__":
    main()
