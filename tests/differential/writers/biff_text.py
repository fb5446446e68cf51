"""Records of .xls files, and texts that need several of them."""

import struct

import values

CONTINUE, SST = 0x3C, 0xFC
LONGEST_RECORD = 8224


def record(kind, body):
    return struct.pack("<2H", kind, len(body)) + body


def narrow(text):
    return all(char <= "\xff" for char in text)


def unicode_string(text, length_format):
    wide = not narrow(text)
    data = text.encode("utf-16-le" if wide else "latin-1")
    return struct.pack(length_format, values.utf16_length(text)) + bytes([wide]) + data


def split_records(kind, before, text):
    """A record with a long string, and the CONTINUE records that it needs."""
    units = text.encode("utf-16-le", "surrogatepass")
    room = (LONGEST_RECORD - len(before) - 3) // 2 * 2
    wide = not narrow(text)
    if not wide:
        units = text.encode("latin-1")
    head = before + struct.pack("<HB", values.utf16_length(text), wide)
    records = record(kind, head + units[:room])
    for at in range(room, len(units), 8000):
        records += record(CONTINUE, bytes([wide]) + units[at : at + 8000])
    return records


class Strings:
    """The SST record, cut into CONTINUE records at all places where that is allowed."""

    def __init__(self, source):
        self.random = source
        self.texts = []
        self.indexes = {}
        self.parts = []
        self.room = 0

    def index(self, text):
        if text not in self.indexes:
            self.indexes[text] = len(self.texts)
            self.texts.append(text)
        return self.indexes[text]

    def records(self):
        self.parts = [struct.pack("<2L", len(self.texts), len(self.texts))]
        self.room = self.random.choice([100, 1000, LONGEST_RECORD - 8])
        for text in self.texts:
            self.add(text)
        kinds = [SST] + [CONTINUE] * (len(self.parts) - 1)
        return b"".join(record(kind, part) for kind, part in zip(kinds, self.parts))

    def new_part(self, begin=b""):
        self.parts.append(begin)
        self.room = self.random.choice([300, 700, 2000, LONGEST_RECORD]) - len(begin)

    def put(self, data):
        self.parts[-1] += data
        self.room -= len(data)

    def add(self, text):
        runs = b"".join(struct.pack("<2H", i, i % 4) for i in range(self.random.choice([0, 0, 1, 30])))
        phonetic = b"\1\0" + bytes(self.random.choice([20, 90])) if self.random.random() < 0.2 else b""
        wide = not narrow(text)
        flags = wide | bool(phonetic) << 2 | bool(runs) << 3
        head = struct.pack("<HB", values.utf16_length(text), flags)
        head += struct.pack("<H", len(runs) // 4) if runs else b""
        head += struct.pack("<L", len(phonetic)) if phonetic else b""
        if self.room < len(head) + 2:
            self.new_part()
        self.put(head)
        self.put_characters(text.encode("utf-16-le"), wide)
        self.put_anywhere(runs, 4)
        self.put_anywhere(phonetic, 1)

    def put_characters(self, units, wide):
        """What stays narrow may be narrow in one record and wide in the next."""
        at = 0
        while at < len(units):
            step = 2 if wide else 1
            if self.room < step:
                rest = units[at:].decode("utf-16-le", "surrogatepass")
                wide = not narrow(rest) or self.random.random() < 0.3
                self.new_part(bytes([wide]))
                continue
            count = min((len(units) - at) // 2, self.room // step)
            piece = units[at : at + 2 * count]
            self.put(piece if wide else piece[::2])
            at += 2 * count

    def put_anywhere(self, data, unit):
        while data:
            count = min(len(data), self.room // unit * unit)
            self.put(data[:count])
            data = data[count:]
            if data:
                self.new_part()
