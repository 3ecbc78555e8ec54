"""Drives the example client: python3 drive-client.py FOLDER-OF-THE-CLIENT URL FOLDER-URI. Prints what came of it as JSON."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

from client import Client, Invalid, Refused  # noqa: E402


def refusal(call, *args):
    try:
        call(*args)
    except (Invalid, Refused) as error:
        return [type(error).__name__, getattr(error, "code", None), str(error)]
    return None


def main(url, folder):
    client = Client(url)
    pieces = []
    script = "printf 'out\\n'; printf 'err\\n' >&2; head -c 300000 /dev/zero; exit 3"
    code = client.run(["/bin/sh", "-c", script], folder, lambda stream, data: pieces.append((stream, data)))
    content = bytes(range(256)) * 1000
    client.write_file(f"{folder}/file.bin", content)
    print(
        json.dumps(
            {
                "session": len(client.session) > 0,
                "code": code,
                "pieces": len(pieces),
                "stdout": len(b"".join(data for stream, data in pieces if stream == "stdout")),
                "stderr": b"".join(data for stream, data in pieces if stream == "stderr").decode(),
                "same": client.read_file(f"{folder}/file.bin") == content,
                "platform": client.call("environment/info")["platformOs"],
                "missing": refusal(client.read_file, f"{folder}/nowhere"),
                "native": refusal(client.read_file, "/etc/hosts"),
                "incomplete": refusal(client.call, "process/start", {"processId": "p"}),
                "unknown": refusal(client.call, "process/restart", {}),
                "foreign": refusal(client.call, "process/output", {}),
            }
        )
    )
    client.close()


main(*sys.argv[2:])
