"""Text messages over a socket, as RFC 6455 has them; no TLS."""

import base64
import os
import socket
import struct
from urllib.parse import urlsplit


class WebSocket:
    def __init__(self, url, timeout):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline().decode()
        if status.split(" ")[1:2] != ["101"]:
            raise ConnectionError(f"no WebSocket at {url}: {status.strip()}")
        while self.stream.readline().strip():
            pass

    def send(self, payload, opcode=1):
        length, mask = len(payload), os.urandom(4)
        if length < 126:
            size = struct.pack("!B", 128 | length)
        elif length < 65536:
            size = struct.pack("!BH", 128 | 126, length)
        else:
            size = struct.pack("!BQ", 128 | 127, length)
        # Each byte is mixed with one of the four of the mask; as one large number it is quick.
        mixed = int.from_bytes(payload, "big") ^ int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        self.socket.sendall(bytes([128 | opcode]) + size + mask + mixed.to_bytes(length, "big"))

    def receive(self):
        message = b""
        while True:
            first, second = self.read(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(self.read(2 if length == 126 else 8), "big")
            payload, opcode = self.read(length), first & 15
            if opcode == 8:
                raise ConnectionError("the executor closed the connection")
            if opcode == 9:
                self.send(payload, 10)
            elif opcode < 3:
                message += payload
                if first & 128:
                    return message.decode()

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the connection is gone")
        return data

    def close(self):
        self.stream.close()
        self.socket.close()
