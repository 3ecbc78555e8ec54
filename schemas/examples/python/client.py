"""A client of the exec-server protocol in Python 3, of the standard library and `openrpc.json` alone.

    python3 client.py ws://127.0.0.1:7070 echo hello

It is an example to start from: one call at a time, no TLS, no resuming of sessions.
"""

import base64
import json
import os
import sys

from openrpc_document import Document, Invalid
from websocket_line import WebSocket

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../exec-server/openrpc.json")


class Refused(Exception):
    """The other side refused a request: `code` is one of `components.errors`."""

    def __init__(self, code, message, data=None):
        super().__init__(f"{message} ({code})")
        self.code, self.message, self.data = code, message, data


class Client:
    """Calls of one connection, checked against the document before they are sent."""

    def __init__(self, url, timeout=30):
        self.document, self.line, self.last_id, self.notices = Document(DOCUMENT), WebSocket(url, timeout), 0, []
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
