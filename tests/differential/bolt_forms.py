"""Random values of Neo4j in the neutral form of bolt_values.cpp, and as those of its official driver."""

import itertools
import math
import struct

import pytz
from neo4j import graph, spatial, time

EPOCH = 719_163  # ordinal of 1970-01-01
DAY = 86_400
ZONES = ("Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
EDGES = [0, 1, -1, -16, -17, 127, 128, -128, -129, 255, 256, 2**15 - 1, 2**15, -(2**15), -(2**15) - 1, 2**16,
         2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63)]  # fmt: skip
SIZES = (0, 1, 15, 16, 17, 255, 256, 257)
FLOATS = (0.0, -0.0, 1.5, math.pi, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan)
LETTERS = "aZ09 _\"'\\\n\t\0é߀Ω中🚰"


def bits(number):
    return struct.unpack(">Q", struct.pack(">d", number))[0]


def number(of_bits):
    return struct.unpack(">d", struct.pack(">Q", of_bits))[0]


class Generator:
    """The same values for the same random numbers."""

    def __init__(self, random):
        self.random = random
        self.numbers = itertools.count()
        self.plain = [self.boolean, self.integer, self.float, self.string, self.bytes, self.date, self.time,
                      self.local_time, self.date_time, self.zoned, self.local_date_time, self.duration, self.point]  # fmt: skip
        self.graph = [self.node, self.relationship, self.step, self.path]
        self.nested = [self.null, *self.plain, self.list, self.map]
        self.all = [*self.nested, *self.graph]

    def value(self, kinds=None, depth=0):
        make = self.random.choice(kinds or self.all)
        return make(depth) if make in (self.list, self.map) else make()

    def storable(self):
        """What a property can hold."""
        if self.random.random() < 0.2:
            make = self.random.choice([self.boolean, self.integer, self.float, self.string, self.date])
            return ["list", [make() for _ in range(self.random.randrange(20))]]
        return self.value(self.plain)

    def int(self, low, high):
        return self.random.randint(low, high)

    def any_int(self):
        if self.random.random() < 0.4:
            return self.random.choice(EDGES)
        return self.int(-(2**63), 2**63 - 1) >> self.int(0, 63)

    def any_float(self):
        return self.random.choice(FLOATS) if self.random.random() < 0.3 else self.random.gauss(0, 1e6)

    def text(self):
        size = self.random.choice(SIZES) if self.random.random() < 0.2 else self.int(0, 12)
        return "".join(self.random.choices(LETTERS, k=size))

    def null(self):
        return ["null"]

    def boolean(self):
        return ["boolean", self.random.random() < 0.5]

    def integer(self):
        return ["integer", self.any_int()]

    def float(self):
        return ["float", bits(self.any_float())]

    def string(self):
        return ["string", self.text()]

    def bytes(self):
        return ["bytes", self.random.randbytes(self.random.choice(SIZES)).hex()]

    def date(self):
        return ["date", self.int(1 - EPOCH, 2_900_000)]

    def time(self):
        return ["time", self.int(0, DAY * 10**9 - 1), 60 * self.int(-1080, 1080)]

    def local_time(self):
        return ["local-time", self.int(0, DAY * 10**9 - 1)]

    def moment(self):
        return [self.int(-62_000_000_000, 250_000_000_000), self.int(0, 10**9 - 1)]

    def date_time(self):
        offset = self.int(1, 1080) * self.random.choice((-60, 60))  # the driver takes 0 for the zone UTC
        return ["date-time", *self.moment(), offset]

    def zoned(self):
        return ["zoned", self.int(0, 4_000_000_000), self.int(0, 10**9 - 1), self.random.choice(ZONES)]

    def local_date_time(self):
        return ["local-date-time", *self.moment()]

    def duration(self):
        return ["duration", self.int(-10**6, 10**6), self.int(-10**6, 10**6), self.int(0, 10**9), self.int(0, 10**9 - 1)]

    def point(self):
        srid, size = self.random.choice(((4326, 2), (4979, 3), (7203, 2), (9157, 3)))
        if srid in (4326, 4979):  # degrees
            return ["point", srid, bits(self.random.uniform(-180, 180)),
                    *(bits(self.random.uniform(-90, 90)) for _ in range(size - 1))]  # fmt: skip
        return ["point", srid, *(bits(self.random.gauss(0, 1e6)) for _ in range(size))]

    def list(self, depth=0):
        kinds = self.nested if depth < 3 else self.plain
        size = self.random.choice(SIZES) if depth == 0 and self.random.random() < 0.1 else self.int(0, 5)
        return ["list", [self.value(kinds, depth + 1) for _ in range(size)]]

    def entries(self, kinds, depth=0):
        size = self.random.choice(SIZES[:6]) if depth == 0 and self.random.random() < 0.05 else self.int(0, 4)
        keys = dict.fromkeys(self.text() for _ in range(size))
        return [[key, self.value(kinds, depth + 1)] for key in keys]

    def map(self, depth=0):
        return ["map", self.entries(self.nested if depth < 3 else self.plain, depth)]

    def new_id(self):
        return next(self.numbers)

    def labels(self):
        return sorted(self.random.sample(("Entity", "Fact", "Ω", "a b"), self.int(0, 3)))

    def node(self):
        own = self.new_id()
        return ["node", own, self.labels(), self.entries(self.plain), f"4:x:{own}"]

    def step(self):
        own = self.new_id()
        return ["step", own, "role", self.entries(self.plain), f"5:x:{own}"]

    def relationship(self):
        own, start, end = self.new_id(), self.new_id(), self.new_id()
        return ["relationship", own, start, end, "role", self.entries(self.plain), f"5:x:{own}", f"4:x:{start}", f"4:x:{end}"]

    def path(self):
        length = self.int(0, 3)
        steps = [[self.random.choice((-1, 1)) * (i + 1), i + 1] for i in range(length)]
        return ["path", [self.node() for _ in range(length + 1)], [self.step() for _ in range(length)], sum(steps, [])]


# ---- to the driver's values ----


def clock(nanoseconds):
    seconds, nanosecond = divmod(nanoseconds, 10**9)
    return seconds // 3600, seconds // 60 % 60, seconds % 60, nanosecond


def moment(seconds, nanoseconds, zone=None):
    days, second = divmod(seconds, DAY)
    day = time.Date.from_ordinal(EPOCH + days)
    return time.DateTime(day.year, day.month, day.day, *clock(second * 10**9 + nanoseconds), tzinfo=zone)


def to_zone(seconds, nanoseconds, zone):
    return moment(seconds, nanoseconds, pytz.UTC).as_timezone(pytz.timezone(zone))


def to_point(srid, *coordinates):
    kind = spatial.WGS84Point if srid in (4326, 4979) else spatial.CartesianPoint
    return kind([number(one) for one in coordinates])


TO_DRIVER = {
    "null": lambda: None,
    "boolean": bool,
    "integer": int,
    "float": number,
    "string": str,
    "bytes": bytes.fromhex,
    "list": lambda items: [to_driver(item) for item in items],
    "map": lambda entries: {key: to_driver(value) for key, value in entries},
    "date": lambda days: time.Date.from_ordinal(EPOCH + days),
    "time": lambda nanoseconds, offset: time.Time(*clock(nanoseconds), tzinfo=pytz.FixedOffset(offset // 60)),
    "local-time": lambda nanoseconds: time.Time(*clock(nanoseconds)),
    "date-time": lambda seconds, nanoseconds, offset: moment(
        seconds + offset, nanoseconds, pytz.FixedOffset(offset // 60)
    ),
    "zoned": to_zone,
    "local-date-time": moment,
    "duration": lambda *parts: time.Duration(**dict(zip(("months", "days", "seconds", "nanoseconds"), parts))),
    "point": to_point,
}


def to_driver(form):
    return TO_DRIVER[form[0]](*form[1:])


# ---- from the driver's values ----


def offset_of(value):
    offset = value.utcoffset()
    return offset.days * DAY + offset.seconds


def from_moment(value):
    seconds = (value.toordinal() - EPOCH) * DAY + value.hour * 3600 + value.minute * 60 + value.second
    if value.tzinfo is None:
        return ["local-date-time", seconds, value.nanosecond]
    seconds -= offset_of(value)
    zone = getattr(value.tzinfo, "zone", None)
    if zone:
        return ["zoned", seconds, value.nanosecond, zone]
    return ["date-time", seconds, value.nanosecond, offset_of(value)]


def from_time(value):
    return ["local-time", value.ticks] if value.tzinfo is None else ["time", value.ticks, offset_of(value)]


def from_entries(entity):
    return [[key, from_driver(value)] for key, value in entity.items()]


def from_node(node):
    return ["node", node._id, sorted(node.labels), from_entries(node), node.element_id]


def from_step(one):
    return ["step", one._id, one.type, from_entries(one), one.element_id]


def from_relationship(one):
    start, end = one.start_node, one.end_node
    if start is None:
        return from_step(one)
    return ["relationship", one._id, start._id, end._id, one.type, from_entries(one), one.element_id,
            start.element_id, end.element_id]  # fmt: skip


def from_path(path):
    steps = [[(1 if one.start_node is path.nodes[i] else -1) * (i + 1), i + 1] for i, one in enumerate(path.relationships)]
    return ["path", [from_node(node) for node in path.nodes], [from_step(one) for one in path.relationships], sum(steps, [])]


FROM_DRIVER = [
    (bool, lambda value: ["boolean", value]),
    (int, lambda value: ["integer", value]),
    (float, lambda value: ["float", bits(value)]),
    (str, lambda value: ["string", value]),
    ((bytes, bytearray), lambda value: ["bytes", value.hex()]),
    (list, lambda value: ["list", [from_driver(item) for item in value]]),
    (dict, lambda value: ["map", from_entries(value)]),
    (time.DateTime, from_moment),
    (time.Date, lambda value: ["date", value.toordinal() - EPOCH]),
    (time.Time, from_time),
    (time.Duration, lambda value: ["duration", value.months, value.days, value.seconds, value.nanoseconds]),
    (spatial.Point, lambda value: ["point", value.srid, *map(bits, value)]),
    (graph.Path, from_path),
    (graph.Node, from_node),
    (graph.Relationship, from_relationship),
]


def from_driver(value):
    if value is None:
        return ["null"]
    for kind, convert in FROM_DRIVER:
        if isinstance(value, kind):
            return convert(value)
    raise TypeError(f"{type(value)}: {value!r}")
