"""A client of the exec-server protocol in Python 3, of the standard library and `openrpc.json` alone.

    python3 client.py ws://127.0.0.1:7070 echo hello

It is an example to start from: one call at a time, no TLS, no resuming of sessions.
"""

import base64
import json
import os
import re
import socket
import struct
import sys
from urllib.parse import urlsplit

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../exec-server/openrpc.json")

#: Every keyword of JSON Schema that the document uses; the last four say nothing about values.
KEYWORDS = set(
    "$ref anyOf type const enum minimum maximum pattern contentEncoding items required properties additionalProperties "
    "description title format default".split()
)


class Refused(Exception):
    """The other side refused a request: `code` is one of `components.errors`."""

    def __init__(self, code, message, data=None):
        super().__init__(f"{message} ({code})")
        self.code, self.message, self.data = code, message, data


class Invalid(Exception):
    """A value is not what the schema says; nothing was sent."""


class Document:
    """What `openrpc.json` says: which methods there are, and what may be in a message."""

    def __init__(self, path=DOCUMENT):
        with open(path, encoding="utf-8") as file:
            self.root = json.load(file)
        self.methods = {method["name"]: method for method in self.root["methods"]}

    def check(self, schema, value, where):
        """Raise `Invalid` for a value that the schema does not accept, and for a schema that says more than is understood here."""
        if schema.keys() - KEYWORDS:
            raise Invalid(f"{where} has a schema with {sorted(schema.keys() - KEYWORDS)}")
        if "$ref" in schema:
            target = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return self.check(target, value, where)
        if "anyOf" in schema and not any(self.accepts(arm, value, where) for arm in schema["anyOf"]):
            raise Invalid(f"{where} matches none of its forms")
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_type(value, each) for each in types):
            raise Invalid(f"{where} is not of type {' or '.join(types)}")
        if "const" in schema and value != schema["const"]:
            raise Invalid(f"{where} is not {schema['const']!r}")
        if "enum" in schema and value not in schema["enum"]:
            raise Invalid(f"{where} is none of {schema['enum']}")
        if isinstance(value, str):
            self.check_text(schema, value, where)
        elif is_type(value, "number"):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                raise Invalid(f"{where} is out of range")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.check(schema.get("items", {}), item, f"{where}[{index}]")
        elif isinstance(value, dict):
            self.check_object(schema, value, where)

    def accepts(self, schema, value, where):
        try:
            self.check(schema, value, where)
            return True
        except Invalid:
            return False

    def check_text(self, schema, value, where):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise Invalid(f"{where} does not match {schema['pattern']}")
        if schema.get("contentEncoding") == "base64":
            try:
                base64.b64decode(value, validate=True)
            except ValueError:
                raise Invalid(f"{where} is no base64") from None

    def check_object(self, schema, value, where):
        for name in schema.get("required", []):
            if name not in value:
                raise Invalid(f"{where}.{name} is missing")
        known = schema.get("properties", {})
        for name, member in value.items():
            if name in known:
                self.check(known[name], member, f"{where}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                self.check(schema["additionalProperties"], member, f"{where}.{name}")


def is_type(value, name):
    if name == "null":
        return value is None
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int)
    kinds = {"string": str, "number": (int, float), "array": list, "object": dict}
    return isinstance(value, kinds.get(name, ()))


class WebSocket:
    """Text messages over a socket, as RFC 6455 has them."""

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


class Client:
    """Calls of one connection, checked against the document before they are sent."""

    def __init__(self, url, timeout=30):
        self.document, self.line, self.last_id, self.notices = Document(), WebSocket(url, timeout), 0, []
        self.session = self.call("initialize", {"clientName": "python-example"})["sessionId"]
        self.send({"method": "initialized", "params": {}})

    def send(self, message):
        method = self.document.methods.get(message["method"])
        if method is None or method["x-from"] != "client":
            raise Invalid(f"{message['method']} is no method of clients")
        if method["x-params"] is not None:
            self.document.check(method["x-params"], message.get("params"), "params")
        self.line.send(json.dumps(message).encode())

    def receive(self):
        message = json.loads(self.line.receive())
        self.document.check(self.document.root["x-envelope"], message, "message")
        return message

    def call(self, method, params=None):
        self.last_id += 1
        self.send({"id": self.last_id, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") != self.last_id:
                self.notices.append(message)
            elif "error" in message:
                raise Refused(**message["error"])
            else:
                self.document.check(self.document.methods[method]["result"]["schema"], message["result"], "result")
                return message["result"]

    def notice(self):
        """The next notice, in the order of arrival."""
        message = self.notices.pop(0) if self.notices else self.receive()
        self.document.check(self.document.methods[message["method"]]["x-params"], message["params"], "params")
        return message

    def run(self, argv, cwd="file:///", on_output=None):
        """Run a command to its end. `on_output` gets the stream and the bytes of each piece. Gives the exit code."""
        process = f"python-{self.last_id}"
        start = {"processId": process, "argv": argv, "cwd": cwd, "env": {}, "tty": False}
        self.call("process/start", start)
        events, expected, exit_code = {}, 1, None
        while True:
            notice = self.notice()
            params = notice["params"]
            if params.get("processId") != process:
                continue
            # Notices may overtake each other: `seq` has their order, from 1 and without gaps.
            events[params["seq"]] = notice
            while expected in events:
                event = events.pop(expected)
                expected += 1
                if event["method"] == "process/output" and on_output:
                    on_output(event["params"]["stream"], base64.b64decode(event["params"]["chunk"]))
                elif event["method"] == "process/exited":
                    exit_code = event["params"]["exitCode"]
                elif event["method"] == "process/closed":
                    return exit_code

    def write_file(self, path, content):
        self.call("fs/writeFile", {"path": path, "dataBase64": base64.b64encode(content).decode()})

    def read_file(self, path):
        return base64.b64decode(self.call("fs/readFile", {"path": path})["dataBase64"])

    def close(self):
        self.line.close()


def main(url, *argv):
    streams = {"stdout": sys.stdout.buffer, "stderr": sys.stderr.buffer}
    client = Client(url)
    code = client.run(list(argv), on_output=lambda stream, data: streams[stream].write(data))
    client.close()
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
