"""asterix_blocks: the ASTERIX blocks of a capture, without our own readers: pcap over Ethernet, FINAL, raw blocks."""
import struct


def pcap_datagrams(data):
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if frame[12:14] != b"\x08\x00" or frame[23] != 17:  # IPv4, UDP
            continue
        udp = frame[14 + 4 * (frame[14] & 15):]
        yield udp[8:struct.unpack(">H", udp[4:6])[0]]


def final_datagrams(data):
    at = 0
    while at < len(data):
        size = struct.unpack(">H", data[at:at + 2])[0]
        yield data[at + 8:at + size - 4]
        at += size


def blocks(path):
    data = open(path, "rb").read()
    datagrams = {".pcap": pcap_datagrams, ".ff": final_datagrams}.get(path.suffix, lambda d: [d])(data)
    for datagram in datagrams:
        at = 0
        while at + 3 < len(datagram):
            category, size = struct.unpack(">BH", datagram[at:at + 3])
            if category == 0 or size <= 3 or at + size > len(datagram):
                break
            yield datagram[at:at + size]
            at += size


def write_pcap(path, datagrams, port):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, data in enumerate(datagrams):
            udp = struct.pack(">HHHH", port, port, 8 + len(data), 0) + data
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
            frame = bytes(12) + b"\x08\x00" + ip + udp
            f.write(struct.pack("<IIII", 1764000000 + i, 0, len(frame), len(frame)) + frame)
