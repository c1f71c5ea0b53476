"""Reads a TensorBoard event file with the standard library alone, and prints it as JSON.

Independent of what wrote it: framing, checksums and protocol buffers are decoded here from their descriptions.
"""

import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def check(data, stored):
    crc = crc32c(data)
    masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    if masked != stored:
        raise SystemExit(f"checksum {stored:#x} should be {masked:#x}")


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        check(data[at : at + 8], struct.unpack_from("<I", data, at + 8)[0])
        message = data[at + 12 : at + 12 + length]
        check(message, struct.unpack_from("<I", data, at + 12 + length)[0])
        yield message
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif wire == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        elif wire == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise SystemExit(f"wire type {wire}")
        yield number, value


def doubles(data):
    return list(struct.unpack(f"<{len(data) // 8}d", data))


def histogram(data):
    names = {1: "min", 2: "max", 3: "num", 4: "sum", 5: "sumSquares", 6: "bucketLimit", 7: "bucket"}
    return {names[n]: doubles(v) if n > 5 else v for n, v in fields(data)}


def value(data):
    found = {}
    for number, held in fields(data):
        if number == 1:
            found["tag"] = held.decode()
        elif number == 2:
            found["scalar"] = held
        elif number == 5:
            found["histogram"] = histogram(held)
    return found


def event(data):
    found = {"step": 0, "values": []}
    for number, held in fields(data):
        if number == 1:
            found["wallTime"] = held
        elif number == 2:
            found["step"] = held
        elif number == 3:
            found["version"] = held.decode()
        elif number == 5:
            found["values"] += [value(v) for n, v in fields(held) if n == 1]
    return found


with open(sys.argv[1], "rb") as file:
    print(json.dumps([event(message) for message in records(file.read())]))
