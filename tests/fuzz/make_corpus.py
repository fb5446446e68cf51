#!/usr/bin/env python3
"""Makes the inputs in corpus/ from which the fuzz targets start.

Needs nothing but Python. The files are committed; run this only to change them. Each run makes the
same bytes. Files that are named found-* are what a fuzz target once found; this leaves them alone.
"""

import hashlib
import io
import pathlib
import struct
import tarfile
import zlib

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "corpus"

# ---- .xls: records -------------------------------------------------------------------------------


def u16(*values):
    return b"".join(struct.pack("<H", v) for v in values)


def u32(*values):
    return b"".join(struct.pack("<I", v) for v in values)


def f64(value):
    return struct.pack("<d", value)


def record(kind, data=b""):
    return u16(kind, len(data)) + data


def bof(kind, version=0x0600):
    return record(0x0809, u16(version, kind, 0, 0) + u32(0, 6))


EOF = record(0x000A)


def narrow(text):
    return u16(len(text)) + b"\0" + text.encode("latin-1")


def wide(text):
    units = text.encode("utf-16-le")
    return u16(len(units) // 2) + b"\1" + units


def cell(row, column, form=0):
    return u16(row, column, form)


def stream(globals_, sheets, kinds=None):
    """A BIFF8 workbook stream of those sheets' records."""
    at = len(bof(5) + globals_ + EOF) + 13 * len(sheets)
    head, bodies = bof(5) + globals_, b""
    for number, records in enumerate(sheets):
        kind = (kinds or {}).get(number, 0)
        head += record(0x0085, u32(at + len(bodies)) + bytes([number % 3, kind, 1, 0]) + b"%d" % number)
        bodies += bof(0x0020 if kind else 0x0010) + records + EOF
    return head + EOF + bodies


SST = record(
    0x00FC,
    u32(4, 4)
    + narrow("text")
    + wide("Ж€😀")
    # Rich text with two runs and six bytes of phonetics.
    + u16(4) + b"\x0c" + u16(2) + u32(6) + b"rich" + b"r" * 8 + b"p" * 6
    + u16(6) + b"\0abc",
) + record(0x003C, b"\1" + "déf".encode("utf-16-le"))
FORMATS = (
    record(0x041E, u16(164) + narrow("yyyy-mm-dd h:mm"))
    + record(0x041E, u16(165) + wide("[h]:mm"))
    + b"".join(record(0x00E0, u16(0, f) + bytes(16)) for f in (0, 14, 164, 165, 20))
)
CELLS = (
    b"".join(record(0x00FD, cell(0, i) + u32(i)) for i in range(4))
    + record(0x0203, cell(0, 4) + f64(1.5))
    + record(0x0203, cell(0, 5, 1) + f64(36971))
    + record(0x0203, cell(1, 0, 2) + f64(36971.4375))
    + record(0x0203, cell(1, 1, 3) + f64(1.75))
    + record(0x027E, cell(1, 2) + u32(5 << 2 | 3))
    + record(0x00BD, u16(2, 0, 0) + u32(6) + u16(1) + u32(0x3FF00000) + u16(1))
    + record(0x0201, cell(2, 3))
    + record(0x0204, cell(3, 0) + narrow("label"))
    + record(0x00D6, cell(3, 1) + wide("rs€") + u16(1, 0, 0))
    + record(0x0205, cell(3, 2) + b"\1\0")
    + record(0x0205, cell(3, 3) + b"\x17\1")
)
FORMULAS = (
    record(0x0006, cell(0, 0) + f64(2.5) + u16(0) + u32(0) + u16(0))
    + record(0x0006, cell(0, 1) + b"\0" + bytes(5) + u16(0xFFFF, 0) + u32(0) + u16(0))
    + record(0x04BC, bytes(8))
    + record(0x0207, narrow("result"))
    + record(0x0006, cell(0, 2) + b"\1\0\1\0\0\0" + u16(0xFFFF, 0) + u32(0) + u16(0))
    + record(0x0006, cell(0, 3) + b"\2\0\x2a\0\0\0" + u16(0xFFFF, 0) + u32(0) + u16(0))
    + record(0x0006, cell(0, 4) + b"\3" + bytes(5) + u16(0xFFFF, 0) + u32(0) + u16(0))
)
CHART = bof(0x0020) + record(0x0203, cell(9, 9) + f64(9)) + EOF


def old_stream(version):
    """One sheet without globals, as Excel 2 to 4 wrote it."""
    kinds = {2: 0x0009, 3: 0x0209, 4: 0x0409}
    text, number, boolean = {2: (0x04, 0x03, 0x05)}.get(version, (0x204, 0x203, 0x205))
    form = b"\0\0\0" if version == 2 else u16(0)
    size = b"\3" if version == 2 else u16(3)
    return (
        record(kinds[version], u16(version if version == 2 else 0, 0x0010) + u16(0) * (version > 2))
        + record(0x0042, u16(1252))
        + record(text, u16(0, 0) + form + size + b"\x80bc")
        + record(number, u16(0, 1) + form + f64(-3.25))
        + record(boolean, u16(1, 0) + form + b"\1\0")
        + EOF
    )


def bundle():
    """A workbook of Excel 4: its sheets lie within the globals."""
    bof4 = lambda kind: record(0x0409, u16(0, kind, 0))
    sheet_ = bof4(0x10) + record(0x041E, b"\0\0\4d/mm") + record(0x0443, b"\0\0" + bytes(10))
    sheet_ += record(0x0203, cell(0, 0) + f64(36971)) + EOF
    head = bof4(0x100) + record(0x0042, u16(1252)) + record(0x0443, b"\0\1" + bytes(10))
    header = record(0x008F, u32(len(sheet_)) + b"\3S\xe9t")
    chart_ = bof4(0x20) + bof4(0x10) + EOF + EOF
    return head + header + sheet_ + header + chart_ + header + bof4(0x10) + EOF + EOF


PASSWORD = "VelvetSweatshop"  # which Excel tries on its own


def encrypted(plain, cipher):
    """The records behind a FILEPASS record, with their data through `cipher(offset, size, byte)`."""
    out, at, on = b"", 0, False
    while at < len(plain):
        kind, size = struct.unpack_from("<HH", plain, at)
        data = plain[at + 4 : at + 4 + size]
        keep = size if kind in (0x2F, 0x809) else 4 if kind == 0x85 else 0
        if on:
            data = bytes(b if i < keep else cipher(at + 4 + i, size, b) for i, b in enumerate(data))
        on = on or kind == 0x2F
        out += plain[at : at + 4] + data
        at += 4 + size
    return out


def xor_byte(offset, size, byte):
    """[MS-OFFCRYPTO] section 2.3.7"""
    key = (PASSWORD.encode() + b"\xbb")[(offset + size) % 16] ^ (0x59, 0xB3)[(offset + size) % 2]
    key = (key >> 1 | key << 7) & 0xFF
    return (byte << 5 | byte >> 3) & 0xFF ^ key


def rc4(key, size):
    state, j, out = list(range(256)), 0, []
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for _ in range(size):
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        out.append(state[(state[i] + state[j]) & 0xFF])
    return bytes(out)


def xored(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def rc4_stream(crypto_api):
    """[MS-OFFCRYPTO] sections 2.3.6 and 2.3.5"""
    salt, random, password = bytes(range(16)), bytes(range(16, 32)), PASSWORD.encode("utf-16-le")
    if crypto_api:
        digest, base, size = hashlib.sha1, hashlib.sha1(salt + password).digest(), 16
    else:
        digest, size = hashlib.md5, 16
        base = digest((digest(password).digest()[:5] + salt) * 16).digest()[:5]
    key = lambda block: digest(base + u32(block)).digest()[:size]
    check = random + digest(random).digest()
    check = xored(check, rc4(key(0), len(check)))
    if crypto_api:
        header = u32(4, 0, 0x6801, 0x8004, 128, 1, 0, 0)
        data = u16(1, 2, 2) + u32(4, len(header)) + header + u32(16) + salt + check[:16] + u32(20) + check[16:]
    else:
        data = u16(1, 1, 1) + salt + check
    keys = [rc4(key(block), 1024) for block in range(4)]
    cipher = lambda offset, _, byte: byte ^ keys[offset // 1024][offset % 1024]
    return encrypted(stream(record(0x002F, data) + SST + FORMATS, [CELLS]), cipher)


def biff5_stream(code_page=1252, text=b"\x80bc", split=0):
    body = bof(0x10, 0x500) + record(0x204, cell(0, 0) + u16(len(text)) + text[split:])
    if split:
        body = bof(0x10, 0x500) + record(0x204, cell(0, 0) + u16(len(text)) + text[:split])
        body += record(0x003C, text[split:])
    body += record(0x0203, cell(0, 1, 1) + f64(36971)) + EOF
    globals_ = bof(5, 0x500) + record(0x0042, u16(code_page)) + record(0x041E, u16(164) + b"\4d/mm")
    globals_ += record(0x00E0, u16(0, 0) + bytes(12)) + record(0x00E0, u16(0, 164) + bytes(12))
    at = len(globals_) + 4 + 8 + len(EOF)
    return globals_ + record(0x0085, u32(at) + b"\0\0\1S") + EOF + body


BIFF = {
    "cells": stream(SST + FORMATS, [CELLS]),
    "formulas": stream(record(0x0022, u16(1)), [FORMULAS]),
    "sheets": stream(b"", [CHART + record(0x0203, cell(7, 255) + f64(1)), CELLS[:0], b""], {1: 2}),
    "continued-label": stream(
        b"", [record(0x0204, cell(0, 0) + u16(9) + b"\0abc") + record(0x003C, b"\0defghi")]
    ),
    "falling-rows": stream(
        b"", [record(0x0203, cell(5, 0) + f64(1)) + record(0x0203, cell(2, 0) + f64(1))]
    ),
    "errors": stream(
        b"", [b"".join(record(0x0205, cell(0, i) + bytes([code, 1]))
                       for i, code in enumerate([0, 7, 15, 23, 29, 36, 42, 43, 99]))]
    ),
    "other-password": stream(record(0x002F, u16(1, 1, 1) + bytes(range(48))), [CELLS]),
    "rc4": rc4_stream(crypto_api=False),
    "rc4-crypto-api": rc4_stream(crypto_api=True),
    "xor": encrypted(stream(record(0x002F, u16(0, 0xB359, 0x9A0A)) + SST + FORMATS, [CELLS]), xor_byte),
    "biff5": biff5_stream(),
    "biff5-932": biff5_stream(932, "日本ｱ".encode("cp932") + b"\x81"),
    "biff5-1258": biff5_stream(1258, b"a\xcce\xec\x80", split=2),
    "biff5-65001": biff5_stream(65001, "é€😀".encode() + b"\xf0\x9f"),
    "biff5-utf16": biff5_stream(1200, "aЖ😀".encode("utf-16-le"), split=3),
    "biff5-mac": biff5_stream(10000, b"\x80\xdb"),
    "biff5-ebcdic": biff5_stream(930, b"\x0eA\x81\x0f\x81"),
    "biff5-unknown": biff5_stream(64999),
    "biff4-bundle": bundle(),
    "biff4": old_stream(4),
    "biff3": old_stream(3),
    "biff2": old_stream(2),
}

# ---- compound files ------------------------------------------------------------------------------

END, FREE, FAT_SECTOR, DIFAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC


def compound(streams, shift=9, falling=False, difat=False):
    """Those streams in a compound file; `falling`: each chain runs towards the file's start."""
    size = 1 << shift
    sectors, fat = [], []

    def chain(content, fill=b"\0"):
        pieces = [content[i : i + size].ljust(size, fill) for i in range(0, len(content), size)]
        numbers = list(range(len(sectors), len(sectors) + len(pieces)))
        if not pieces:
            return END
        fat.extend([0] * len(pieces))
        order = numbers[::-1] if falling else numbers
        sectors.extend(pieces[::-1] if falling else pieces)
        for here, following in zip(order, order[1:] + [END]):
            fat[here] = following
        return order[0]

    mini, mini_fat, directory = b"", [], b""
    for number, (name, content) in enumerate(streams):
        if len(content) < 4096:
            start = len(mini) // 64 if content else END
            count = -(-len(content) // 64)
            mini_fat += [start + i + 1 for i in range(count - 1)] + [END] * (count > 0)
            mini += content.ljust(64 * count, b"\0")
        else:
            start = chain(content)
        right = number + 2 if number + 1 < len(streams) else FREE
        directory += entry(name, 2, right, FREE, start, len(content))
    directory = entry("Root Entry", 5, FREE, 1, chain(mini), len(mini)) + directory
    mini_start = chain(u32(*mini_fat), b"\xff")
    directory_start = chain(directory.ljust(-(-len(directory) // size) * size, b"\0"))
    fat_at = len(sectors)
    fat += [FAT_SECTOR] + [DIFAT_SECTOR] * difat
    assert len(fat) <= size // 4
    sectors.append(u32(*fat).ljust(size, b"\xff"))
    if difat:
        sectors.append(u32(fat_at).ljust(size - 4, b"\xff") + u32(END))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += u16(0x3E, 3 if shift == 9 else 4, 0xFFFE, shift, 6) + bytes(6) + u32(0)
    head += u32(110 if difat else 1, directory_start, 0, 4096, mini_start, -(-len(mini_fat) * 4 // size))
    head += u32(fat_at + 1, 1) if difat else u32(END, 0)
    head += u32(FREE if difat else fat_at) + u32(FREE) * 108
    return head.ljust(size, b"\0") + b"".join(sectors)


def entry(name, kind, right, child, start, size):
    units = name.encode("utf-16-le") + b"\0\0"
    return (
        units.ljust(64, b"\0") + u16(len(units)) + bytes([kind, 1]) + u32(FREE, right, child)
        + bytes(36) + u32(start) + struct.pack("<Q", size)
    )


LONG = bytes(i * 7 % 251 for i in range(4200))
CFB = {
    "mini": compound([("Workbook", LONG[:300])]),
    "several": compound([("book", b"x"), ("EncryptionInfo", LONG[:65]), ("EncryptedPackage", b"")]),
    "long": compound([("Workbook", LONG)]),
    "falling": compound([("A", LONG[:200]), ("WORKBOOK", LONG[:700])], falling=True),
    "difat": compound([("Book", LONG[:70])], difat=True),
    "large-sectors": compound([("Workbook", b"abc")], shift=12),
}

# ---- how an .xlsx is encrypted -------------------------------------------------------------------

AES = "cipherAlgorithm='AES' cipherChaining='ChainingModeCBC'"


def agile(rounds, bits, digest):
    cipher = f"{AES} keyBits='{bits}' hashAlgorithm='{digest}' saltValue='AAECAwQFBgcICQoLDA0ODw=='"
    text = (f"<encryption xmlns='http://schemas.microsoft.com/office/2006/encryption' xmlns:p='urn:p'>"
            f"<keyData {cipher}/><keyEncryptors><keyEncryptor><encryptedKey spinCount='{rounds}' {cipher} "
            "encryptedVerifierHashInput='bm90IHRoZSBwYXNzd29yZA==' encryptedVerifierHashValue='AAAA' "
            "encryptedKeyValue='AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8='/></keyEncryptor></keyEncryptors></encryption>")
    return u16(4, 4) + u32(0x40) + text.encode()


# Excel's own password, by the `cryptography` package of Python from [MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9.
STANDARD = bytes.fromhex(
    "03000200240000002400000024000000000000000e66000004800000800000001800000000000000"
    "000000007800000010000000000102030405060708090a0b0c0d0e0fc9c388ad490e94704544db5b"
    "b838b6ee14000000be5b1399420b30a6bd10f8474fc01c60b4ea54ab54faf94e4e62a270c21bb933"
)
ENCRYPTION = {
    "agile": agile(1, 256, "SHA512"),
    "agile-sha1": agile(9, 128, "SHA1"),
    "agile-rc2": agile(1, 128, "MD5").replace(b"AES", b"RC2"),
    "standard": STANDARD,
    "short": u16(4, 4),
    "other": u16(3, 3) + u32(0),
}

# ---- zip archives --------------------------------------------------------------------------------


def archive(parts, before=b"", comment=b"", zip64=False, descriptors=False):
    """Parts are (name, content, deflated)."""
    out, directory = before, b""
    for name, content, deflated in parts:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if deflated else content
        crc, offset = zlib.crc32(content), len(out) - len(before)
        sizes = (0xFFFFFFFF,) * 2 if zip64 else (len(packed), len(content))
        flags = 8 if descriptors else 0
        common = u16(20, flags, 8 if deflated else 0, 0, 0x21)
        extra = u16(1, 16) + struct.pack("<QQ", len(content), len(packed)) if zip64 else b""
        local = u32(0, 0, 0) if descriptors else u32(crc, *sizes)
        out += b"PK\3\4" + common + local + u16(len(name), len(extra)) + name + extra + packed
        if descriptors:
            out += b"PK\7\x08" + u32(crc, len(packed), len(content))
        directory += b"PK\1\2" + u16(20) + common + u32(crc, *sizes)
        directory += u16(len(name), len(extra), 0, 0, 0) + u32(0, offset) + name + extra
    at, count = len(out) - len(before), len(parts)
    if zip64:
        end64 = len(out) + len(directory)
        directory += b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), at)
        directory += b"PK\6\7" + struct.pack("<IQI", 0, end64, 1)
        at, count, size = 0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF
    else:
        size = len(directory)
    end = b"PK\5\6" + u16(0, 0, count, count) + u32(size, at) + u16(len(comment)) + comment
    return out + directory + end


WORDS = b"".join(b"<c r='A%d'><v>%d</v></c>" % (i, i * i) for i in range(40))
ZIP = {
    "stored": archive([(b"a.xml", b"first", False), (b"B\\c.xml", b"second", False)]),
    "deflated": archive([(b"a", WORDS, True), (b"b", bytes(3000), True), (b"c", LONG[:200], True)]),
    "zip64": archive([(b"/a", WORDS, True), (b"b", b"x", False)], zip64=True),
    "descriptors": archive([(b"a", WORDS, True)], descriptors=True),
    "shifted": archive([(b"a", b"x", False)], before=b"#!/bin/sh\n", comment=b"PK\5\6 no end"),
    "two-alike": archive([(b"a", b"old", False), (b"A", b"new", False), (b"d/", b"", False)]),
}

# ---- .xlsx ---------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def sheet(data, space=MAIN):
    return f"<?xml version='1.0'?>\n<worksheet xmlns='{space}'><sheetData>{data}</sheetData></worksheet>"


ROWS = (
    "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='1'><v>36971</v></c><c r='C1' t='b'><v>1</v></c>"
    "<c r='D1' t='e'><v>#REF!</v></c><c r='E1' t='str'><f>A1</f><v>a &amp; b</v></c></row>"
    "<row r='3' spans='1:9'><c><v>1e300</v></c><c t='n'><v> +2.50 </v></c>"
    "<c t='d'><v>2001-03-21T10:30:00Z</v></c><c s='1'><v>-5</v></c><c s='3'><v>0.5</v></c><c s='4'><v>1.25</v></c></row>"
    "<row><c t='inlineStr'><is><t xml:space='preserve'> x_x000A_</t><rPh><t>y</t></rPh>"
    "<r><rPr><b/></rPr><t>z </t></r></is></c><c r='XFD4'/></row>"
)
STYLES = (
    "<numFmts count='1'><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd'/></numFmts><cellStyleXfs>"
    "<xf numFmtId='9'/></cellStyleXfs><cellXfs><xf/><xf numFmtId='164'/><xf numFmtId='22'/>"
    "<xf numFmtId='20'/><xf numFmtId='46'/></cellXfs>"
)
STRINGS = "<si><t>one</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>x</t></rPh></si><si/>"
XML = {
    "rows": sheet(ROWS),
    "strict": sheet("<row><c><v>1</v></c></row>", STRICT),
    "prefixed": f"<x:worksheet xmlns:x='{MAIN}' xmlns:y='urn:y'><y:z><x:row/></y:z><x:sheetData><x:row r='2'>"
    "<x:c><y:v>7</y:v><x:v>8</x:v></x:c></x:row></x:sheetData></x:worksheet>",
    "bare": "<worksheet><sheetData><row><c r='b2'><v>1</v></c></row><row/></sheetData></worksheet>",
    "unordered": sheet("<row r='5'><c><v>5</v></c></row><row r='2'><c r='C2'><v>2</v></c><c r='A2'><v>1</v></c></row>"),
    "mixed": "\ufeff<!DOCTYPE a><!-- c --><?p i?><a r='&lt;&#9;&#x1F600;' r:id=\"q'\" xmlns:r='"
    + LINKS + "'>t<![CDATA[<x>&\r\n]]>\r\n&amp;&apos;<b /><long:elements-name/></a >",
    "utf16": sheet("<row><c t='inlineStr'><is><t>Ж😀</t></is></c></row>").encode("utf-16"),
    "utf16-be": b"\0<\0a\0>\0x\0<\0/\0a\0>",
    "numbers": sheet("".join(f"<row><c><v>{v}</v></c></row>" for v in ["1e-400", "-1e400", "nan", "0x1", "", "12345678901"])),
}


def parts(**named):
    names = {"book": "xl/workbook.xml", "links": "xl/_rels/workbook.xml.rels", "root": "_rels/.rels",
             "types": "[Content_Types].xml", "styles": "xl/styles.xml", "strings": "xl/sharedStrings.xml",
             "sheet": "xl/worksheets/sheet1.xml"}
    return "".join(f">>> {names[name]}\n{content}\n" for name, content in named.items())


def link(number, kind, target, more=""):
    return f"<Relationship Id='r{number}' Type='{LINKS}/{kind}' Target='{target}'{more}/>"


def links(*all_):
    return f"<Relationships xmlns='{PACKAGE}/relationships'>{''.join(all_)}</Relationships>"


BOOK = (f"<workbook xmlns='{MAIN}' xmlns:r='{LINKS}'><workbookPr date1904='1'/><sheets>"
        "<sheet name='S&amp;1_x0041_' sheetId='1' r:id='r1'/><sheet name='2' state='hidden' r:id='r4'/>"
        "<sheet name='3' state='veryHidden' r:id='r1'/></sheets></workbook>")
LINKED = links(link(1, "worksheet", "/xl/worksheets/sheet1.xml"), link(2, "styles", "styles.xml"),
               link(3, "sharedStrings", "./x/..//sharedStrings%2Exml"), link(4, "chartsheet", "c.xml"),
               link(5, "hyperlink", "http://x", " TargetMode='External'"))
XLSX = {
    "whole": parts(book=BOOK, links=LINKED, styles=f"<styleSheet xmlns='{MAIN}'>{STYLES}</styleSheet>",
                   strings=f"<sst xmlns='{MAIN}'>{STRINGS}</sst>", sheet=sheet(ROWS)),
    "strings": parts(strings=f"<sst>{STRINGS}</sst>", sheet=sheet("<row><c t='s'><v>1</v></c><c t='s'><v>0</v></c></row>")),
    "styles": parts(styles=f"<styleSheet>{STYLES}</styleSheet>", sheet=sheet("<row><c s='1'><v>1</v></c><c s='9'><v>2</v></c></row>")),
    "types": parts(types=f"<Types xmlns='{PACKAGE}/content-types'><Default Extension='xml' ContentType='application/xml'/>"
                   "<Override PartName='/XL/workbook.xml' ContentType='application/vnd.ms-excel.sheet.binary'/></Types>"),
    "entities": parts(links=links("<Relationship Type='&#97;/worksheet' Id='r&#73;d1' Target='worksheets/sheet1.xml'/>")),
    "other-root": parts(root=links(link(1, "officeDocument", "word/document.xml"))) + ">>> mimetype\napplication/vnd.oasis",
    "no-sheets": parts(book="<workbook/>"),
    "nested": parts(strings="<sst><si><r><t>abc</t><t>d<si>x</si></t></r></si></sst>", sheet=sheet("<row><c t='s'><v>1</v></c></row>")),
}

# ---- .csv ----------------------------------------------------------------------------------------

CSV = {
    "header": "1,2,15\ncaption,b,c\n5,\"x \"\"y\"\"\",\n6,\"two\nlines\",z\r\n",
    "title": "Title\n1,2\na,b\n1,2\n",
    "semicolons": "\ufeff1;2;3\n1,5;2,5;x\n\n,;;\n",
    "tabs": "a\tb\n\"c\td\"\te\n",
    "declared": "sep=;\r\n1;2\r\n3;4\r\n",
    "old-mac": "1,2\r3,4\r\"5\r\",6",
    "utf16": "1\t2\r\né\tЖ😀\r\n".encode("utf-16"),
    "utf16-be": "1;2\nab;c\n".encode("utf-16-be"),
    "utf16-odd": "1,2\n".encode("utf-16") + b"\xd8",
    "utf32": "1,2\n".encode("utf-32"),
    "windows-1252": b"1,2\n\x80\x93,caf\xe9\n\"\xff\",x\n",
    "undefined": b"1,2\n\x81,x\n",
    "utf8-then-damaged": "1,2\né,é\n".encode() + b"\xe9,x\n",
    "damaged-then-utf8": b"1,2\n\xe9,x\n" + 2 * "é,é\n".encode(),
    "nul": b"1,2\na\0,b\n",
    "open-quote": "1,2\n\"a,b\n",
    "quote-inside": "1,2\na\"b,c\n",
    "text-after-quote": "1,2\n\"a\"b,c\n",
    "fields": "1,2\n1,2,3\n",
}

# ---- number formats and dates --------------------------------------------------------------------

NUMBERS = [0.0, 1.5, -0.25, 59.99999999, 60.5, 61, 36971.4375, 2958465.999999999, 1e300, 5e-324]
CODES = ["General", "yyyy\\-mm\\-dd h:mm:ss", "[$-409]d/m/yy h:mm AM/PM;@", "[h]:mm:ss.00", "mm:ss",
         "#,##0.00_);[Red]\\(#,##0.00\\)", "0.00E+00", "\"day\" 0", "h:mm A/P", "[mm]", "e\\.m\\.d", "*-@",
         "2001-03-21", "2001-03-21T10:15:30.5Z", "10:15", "1900-02-28T24:00:00", "23:59:60.999", "0000-01-01"]
FORMATS_SEEDS = {
    f"{i:02}": f64(NUMBERS[i % len(NUMBERS)]) + code.encode() for i, code in enumerate(CODES)
}

# ---- PackStream: what a Neo4j server sends -------------------------------------------------------


def packed(value):
    """Of dictionaries, lists, texts, bytes, numbers; a tuple is a structure, its tag first."""
    if value is None or isinstance(value, bool):
        return {None: b"\xC0", False: b"\xC2", True: b"\xC3"}[value]
    if isinstance(value, int):
        return struct.pack(">b", value) if -16 <= value < 128 else b"\xCB" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xC1" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return b"\xCC" + bytes([len(value)]) + value
    if isinstance(value, str):
        text = value.encode()
        return (bytes([0x80 + len(text)]) if len(text) < 16 else b"\xD0" + bytes([len(text)])) + text
    if isinstance(value, tuple):
        return bytes([0xB0 + len(value) - 1]) + value[0] + b"".join(packed(part) for part in value[1:])
    if isinstance(value, dict):
        return bytes([0xA0 + len(value)]) + b"".join(packed(key) + packed(part) for key, part in value.items())
    return bytes([0x90 + len(value)]) + b"".join(packed(part) for part in value)


def chunked(message):
    return struct.pack(">H", len(message)) + message + b"\0\0"


PACK_NODE = (b"N", 7, ["Fact"], {"fact_uid": 2_000_000_001, "name": "pump"}, "4:a:7")
PACK_STEP = (b"r", 9, "role", {}, "5:a:9")
PACKSTREAM = {
    "scalars": packed([None, True, False, 1, -17, 2**40, 1.5, "text", "longer than a tiny one", b"\0\1"]),
    "widths": b"\x95\xC8\x80\xC9\x7F\xFF\xCA\x80\0\0\0\xD1\0\1x\xD2\0\0\0\1y",
    "wide": b"\xD4\2\xD8\1\x81k\1\xD6\0\0\0\1\xCE\0\0\0\1z",
    "nested": packed({"a": [{"b": [[], {}]}], "": {}}),
    "node": packed(PACK_NODE),
    "node-4": packed(PACK_NODE[:-1]),
    "relationship": packed((b"R", 9, 7, 8, "role", {"a": 1}, "5:a:9", "4:a:7", "4:a:8")),
    "relationship-4": packed((b"R", 9, 7, 8, "role", {"a": 1})),
    "path": packed((b"P", [PACK_NODE, PACK_NODE], [PACK_STEP], [1, 1])),
    "times": packed([(b"D", 19000), (b"T", 10**13, 3600), (b"t", 5), (b"I", 10**9, 5, 3600), (b"i", 10**9, 5, "CET"),
                     (b"F", 10**9, 5, 3600), (b"f", 10**9, 5, "CET"), (b"d", 10**9, 5), (b"E", 1, 2, 3, 4)]),
    "points": packed([(b"X", 4326, 4.9, 52.4), (b"Y", 9157, 1.0, 2.0, 3.0)]),
    "success": packed((b"\x70", {"fields": ["a", "b"], "has_more": True, "stats": {"nodes-created": 3}, "db": "neo4j"})),
    "summary": packed({"bookmark": "FB:1", "stats": {"nodes-created": 3, "contains-updates": True}, "t_last": 5}),
    "failure": packed({"code": "Neo.ClientError.Statement.SyntaxError", "message": "m\nn"}),
    "failure-5.7": packed({"neo4j_code": "Neo.TransientError.X", "message": "m", "diagnostic_record": {"a": "b"}}),
    "routes": packed({"rt": {"ttl": 300, "servers": [{"role": "READ", "addresses": ["h:1", "[::1]:2"]}]}}),
    "chunks": b"\0\0" + chunked(packed((b"\x71", [1, "a"]))) + b"\0\2\xB1\x71\0\1\x90\0\0\0\0",
}

# ---- files of any format -------------------------------------------------------------------------


def package(**named):
    """The same parts as a real archive, deflated."""
    text = parts(**named)
    pairs = [part.split("\n", 1) for part in text.split(">>> ")[1:]]
    return archive([(name.encode(), content.strip().encode(), True) for name, content in pairs])


WORKBOOK = {
    "xls": compound([("Workbook", BIFF["cells"])]),
    "xls-book": compound([("Book", BIFF["biff5"])]),
    "xlsx": package(
        root=links(link(1, "officeDocument", "xl/workbook.xml")),
        book=f"<workbook xmlns:r='{LINKS}'><sheets><sheet name='S' r:id='r1'/></sheets></workbook>",
        links=links(link(1, "worksheet", "worksheets/sheet1.xml"), link(2, "sharedStrings", "sharedStrings.xml")),
        strings=f"<sst>{STRINGS}</sst>",
        sheet=sheet(ROWS)),
    "encrypted": compound([("EncryptionInfo", u16(4, 4)), ("EncryptedPackage", LONG[:80])]),
    "word": compound([("WordDocument", b"x")]),
    "biff4": BIFF["biff4"],
    "csv": CSV["header"],
    "utf16": CSV["utf16"],
    "html": "\n <HTML><table><tr><td>1</td></tr></table></HTML>",
    "xml-2003": "<?xml version='1.0'?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>",
    "pdf": "%PDF-1.7\n",
}


def tar(**members):
    """Each a function that changes a tarfile.TarInfo, and its content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive_of:
        for name, (change, content) in members.items():
            info = tarfile.TarInfo(name.replace("_", "/"))
            info.size = len(content)
            change(info)
            archive_of.addfile(info, io.BytesIO(content))
    # Not the 10 KiB that tar fills up.
    return out.getvalue().rstrip(b"\0") + bytes(2048 - len(out.getvalue().rstrip(b"\0")) % 512)


def of_type(kind, target=""):
    def change(info):
        info.type, info.linkname = kind, target

    return change


def as_it_is(_):
    pass


TAR = {
    "file": tar(data_file=(as_it_is, b"text")),
    "folder": tar(data=(of_type(tarfile.DIRTYPE), b""), data_file=(as_it_is, b"x" * 600)),
    "links": tar(file=(as_it_is, b"1"), hard=(of_type(tarfile.LNKTYPE, "file"), b""),
                 soft=(of_type(tarfile.SYMTYPE, "../outside"), b"")),
    "through-link": tar(out=(of_type(tarfile.SYMTYPE, "../outside"), b""), out_file=(as_it_is, b"2")),
    "up": tar(**{"..": (as_it_is, b"3")}),
    "pipe": tar(pipe=(of_type(tarfile.FIFOTYPE), b"")),
    "long-name": tar(**{"n" * 200: (as_it_is, b"4")}),
    "empty": bytes(1024),
}


# ---- Consul --------------------------------------------------------------------------------------


def packed(value):
    """MessagePack, as Consul's encoder writes it."""
    if value is None:
        return b"\xc0"
    if isinstance(value, int):
        return b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        text = value.encode()
        return (bytes([0xA0 | len(text)]) if len(text) < 32 else b"\xda" + struct.pack(">H", len(text))) + text
    fields = b"".join(packed(name) + packed(field) for name, field in value.items())
    return bytes([0x80 | len(value)]) + fields


def consul_state(*records):
    return packed({"LastIndex": 7}) + b"".join(bytes([kind]) + packed(value) for kind, value in records)


def consul_snapshot(state):
    files = {"meta.json": b'{"Version":1,"Index":7}\n', "state.bin": state}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive_of:
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive_of.addfile(info, io.BytesIO(content))
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    return deflate.compress(out.getvalue()) + deflate.flush()


CONSUL_KV = [(2, {"Key": "a", "Flags": 42, "Value": "text"}), (2, {"Key": "b", "Flags": 0, "Value": None})]
CONSUL_ACL = [
    (17, {"AccessorID": "00000000-0000-0000-0000-000000000002", "SecretID": "anonymous"}),
    (17, {"AccessorID": "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "SecretID": "token"}),
    (19, {"ID": "00000000-0000-0000-0000-000000000001"}),
    (19, {"ID": "3f2504e0-4f89-11d3-9a0c-0305e82c3302"}),
]
CONSUL_NODES = [
    (0, {"Node": "agent", "PeerName": "", "Service": None, "Check": None}),
    (0, {"Node": "agent", "PeerName": "", "Service": {"ID": "consul"}, "Check": None}),
    (0, {"Node": "agent", "PeerName": "", "Service": None, "Check": {"CheckID": "serfHealth"}}),
    (0, {"Node": "outside", "PeerName": "", "Service": {"ID": "db"}, "Check": None}),
]
CONSUL = {
    "empty": consul_state(),
    "kv": consul_state(*CONSUL_KV),
    "acl": consul_state(*CONSUL_ACL),
    "nodes": consul_state(*CONSUL_NODES),
    "others": consul_state(*((kind, {"Name": "n"}) for kind in (3, 5, 7, 12, 14, 22, 25, 35, 42))),
    "snapshot": consul_snapshot(consul_state(*CONSUL_NODES, *CONSUL_ACL, *CONSUL_KV)),
}


# ---- an archive of a bucket ----------------------------------------------------------------------


def object_tar(**members):
    """Each a key, its content, and the headers of an object: named as an archive of a bucket names it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive_of:
        for name, (key, content, headers) in members.items():
            info = tarfile.TarInfo(name if name == key else f".s3-keys/={name}")
            info.size = len(content)
            info.pax_headers = {f"SCHILY.xattr.user.s3.{header}": value for header, value in headers.items()}
            info.pax_headers["SCHILY.xattr.user.s3.key"] = key
            archive_of.addfile(info, io.BytesIO(content))
    return out.getvalue().rstrip(b"\0") + bytes(2048 - len(out.getvalue().rstrip(b"\0")) % 512)


S3_TAR = {
    "plain": object_tar(plain=("plain", b"text", {"content-type": "text/plain", "x-amz-meta-a": "1"})),
    "tags": object_tar(tagged=("tagged", b"1", {"tags": "a=1&b=%20", "expires": "0"})),
    "escaped": object_tar(**{"..%2Fup": ("../up", b"2", {}), "folder%2F": ("folder/", b"", {})}),
    "wrong-name": object_tar(up=("../up", b"3", {})),
    "taken-back": object_tar(a=("a", b"4", {}), b=("b", b"", {"taken-back": "1"})),
    "empty": bytes(1024),
}


# ---- snapshots of NATS streams -------------------------------------------------------------------


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def s2(*blocks):
    """The framing of S2; each block is what it holds, or a pair of that and of its packed form."""
    out = b"\xff\x06\0\0S2sTwO"
    for block in blocks:
        whole, packed = block if isinstance(block, tuple) else (block, None)
        crc = crc32c(whole)
        masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
        body = u32(masked) + (whole if packed is None else packed)
        out += bytes([packed is None]) + len(body).to_bytes(3, "little") + body
    return out


def snapshot_tar(*files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1.5
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue().rstrip(b"\0") + bytes(2048 - len(out.getvalue().rstrip(b"\0")) % 512)


META = ("meta.inf", b'{"name":"S"}'), ("meta.sum", b"00")
OLD_STREAM = snapshot_tar(*META, ("msgs/1.idx", b"\x16\x01\x05" + bytes(20)), ("msgs/1.blk", b"x" * 40),
                          ("obs/c/meta.inf", b'{"durable_name":"c"}'), ("obs/c/meta.sum", b"00"), ("obs/c/o.dat", b"1"))
NEW_STREAM = snapshot_tar(*META, ("msgs/1.blk", b"y" * 40), ("msgs/index.db", b"\x0b\x01\x05" + bytes(40)))
REPEATED = b"ab" * 6, bytes([12, 4]) + b"ab" + bytes([1, 2, 9, 0])
NATS = {
    "old-stream": s2(OLD_STREAM),
    "new-stream": s2(NEW_STREAM[:700], NEW_STREAM[700:]),
    "tar": OLD_STREAM,
    "errors": snapshot_tar(*META, ("errors.txt", b"could not read")),
    "block": REPEATED[1],
    "packed": s2(REPEATED),
    "lines": '{"format":"prismctl NATS messages","version":1,"stream":"S"}\n'
             '{"seq":5,"subject":"a.b","hdrs":"TkFUUy8xLjANCkE6IDENCg0K","data":"YQ=="}\n{"end":1}\n',
    "index": '{"format":"prismctl NATS JetStream","version":1,"server":"2.9.10","streams":[{"name":"S","stem":"S",'
             '"form":"snapshot","messages":5,"consumers":1,"has_consumers":false,"at_rest":true}],"left_out":["M"]}',
    "url": "nats://user:pass%40@h1:4222,tls://[::1]:1",
    "subjects": "a.*.> *.b.c",
}


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


PACK = bytes(range(16)) + varint(70000) + b"\x11" * 32 + b"\x22" * 32
BLOCK_MAP = {
    "empty": b"PRISMBM1\0\0",
    "one-pack": b"PRISMBM1\x01" + PACK + b"\x02" + bytes([0, 0, 5, 0, 4, 1]),
    "two-packs": b"PRISMBM1\x02" + PACK + PACK + b"\x03" + bytes([2, 0, 1, 1, 1]) + varint(65535) + bytes([2, 0, 3]),
    "too-many": b"PRISMBM1\0" + b"\xff" * 4 + b"\x7f",
}


def pack_index(frames, lengths, stored, encrypted=0):
    """Without the hash at its end, which the target puts there."""
    out = b"PRISMPI1" + bytes(range(16)) + bytes([encrypted]) + b"\x33" * 8 + stored.to_bytes(8, "little") + b"\x44" * 32
    out += u32(len(frames)) + u32(len(lengths))
    out += b"".join(u32(size) + blocks.to_bytes(2, "little") for size, blocks in frames)
    return out + b"".join(length.to_bytes(2, "little") for length in lengths) + bytes(24 * len(lengths))


PLAIN_INDEX = pack_index([(100, 2), (200, 1)], [8192, 1, 4096], 300)
PACK_INDEX = {
    "plain": PLAIN_INDEX,
    "hashed": PLAIN_INDEX + hashlib.sha256(PLAIN_INDEX).digest(),
    "encrypted": pack_index([(50, 1)], [8192], 400, 1),
    "other-sum": pack_index([(100, 2)], [8192], 100),
}


# ---- base backups of PostgreSQL ------------------------------------------------------------------

SERVER_MANIFEST = (b'{ "PostgreSQL-Backup-Manifest-Version": 2,\n"System-Identifier": 7,\n"Files": [\n'
                   b'{ "Path": "base/1/2", "Size": 3, "Last-Modified": "2026-11-30 05:00:00 GMT", '
                   b'"Checksum-Algorithm": "CRC32C", "Checksum": "839206e3" },\n'
                   b'{ "Encoded-Path": "ff2f", "Size": 0, "Last-Modified": "2026-11-30 05:00:00 GMT" }\n],\n'
                   b'"WAL-Ranges": [\n{ "Timeline": 1, "Start-LSN": "0/28", "End-LSN": "0/100" }\n],')
BASE_BACKUP = {
    "archive": tar(backup_label=(as_it_is, b"START"), base=(of_type(tarfile.DIRTYPE), b""),
                   base_1=(as_it_is, b"x" * 600), link=(of_type(tarfile.SYMTYPE, "/space"), b"")),
    "up": tar(**{"..": (as_it_is, b"3")}),
    "manifest": SERVER_MANIFEST,
    "manifest-whole": SERVER_MANIFEST + b'\n"Manifest-Checksum": "'
                      + hashlib.sha256(SERVER_MANIFEST + b"\n").hexdigest().encode() + b'"}\n',
    "changed-pages": (u32(0xD3AE1F0D, 3, 12, 0, 5, 9) + bytes(8192))[:8192] + b"page",
    "no-changed-pages": u32(0xD3AE1F0D, 0, 4),
}


def main():
    targets = {"base_backup": BASE_BACKUP, "biff": BIFF, "block_map": BLOCK_MAP, "cfb": CFB, "consul": CONSUL, "csv": CSV, "encryption": ENCRYPTION, "nats": NATS,
               "number_format": FORMATS_SEEDS, "pack_index": PACK_INDEX, "packstream": PACKSTREAM, "s3_tar": S3_TAR, "tar": TAR, "workbook": WORKBOOK, "xlsx": XLSX, "xml": XML, "zip": ZIP}
    for target, seeds in targets.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if not old.name.startswith("found-"):
                old.unlink()
        for name, content in seeds.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main()
