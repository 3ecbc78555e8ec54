import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { endChild, ownChild } from "../../owned.ts";
import { contextFor, managed } from "../../sandbox/columns.ts";
import { startParams } from "../../start-params.ts";
import { WireLine } from "../../wire-line.ts";
import type { Attack } from "../attack.ts";

/** An id that no account has. */
const STRANGER = 48_124;

function special(kind: string, access: string) {
  return { path: { type: "special", value: { kind } }, access };
}

/** A websocket handshake and three messages, in nothing but what every Perl has. Prints the status line. */
const DRIVER = String.raw`
use IO::Socket::INET; my ($port, $proof, $hide) = @ARGV; $| = 1;
my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or do { print "no connection: $!\n"; exit };
sub frame { my $p = $_[0]; my $l = length $p; print $s pack("C", 0x81), $l < 126 ? pack("C", 0x80 | $l) : pack("Cn", 0xfe, $l), "\0\0\0\0", $p }
print $s "GET / HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
$s->flush;
if (!$hide) { my $line = <$s>; print $line // "closed\n" }
frame('{"id":1,"method":"initialize","params":{"clientName":"x"}}'); frame('{"method":"initialized","params":{}}');
frame('{"id":2,"method":"process/start","params":{"processId":"free","argv":["/bin/sh","-c","echo escaped > ' . $proof . '"],"cwd":"file:///","env":{},"tty":false,"arg0":null}}');
$s->flush; if ($hide) { close $s; print "gone\n" } else { select(undef, undef, undef, 1) }`;

function upgrade(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const call = request({
      port,
      host: "127.0.0.1",
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    call.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject);
    call.end();
  });
}

export const LISTENING: readonly Attack[] = [
  {
    id: "listening.confined-with-network",
    sentence: "a confined command with a network can't drive the executor that started it",
    essential: true,
    async run({ playground, serve, env }) {
      const { workspace, outside } = playground;
      const proof = join(outside, "escaped");
      await using executor = await serve();
      await using line = await WireLine.open(executor.url);
      const permissions = managed([special("root", "read"), special("project_roots", "write")], "enabled");
      for (const [n, hide] of ["", "1"].entries()) {
        const argv = ["/usr/bin/perl", "-e", DRIVER, new URL(executor.url).port, proof, hide];
        const params = { processId: `driver-${n}`, argv, env: { PATH: "/usr/bin:/bin", ...env } };
        const sandbox = contextFor(workspace, permissions);
        const { error } = await line.call("process/start", startParams(workspace, { ...params, sandbox }));
        if (error !== undefined) continue;
        await line.notice("process/closed", params.processId);
        assert.doesNotMatch(line.outputOf(params.processId), / 101 /, "it was let in");
      }
      // What was let in unseen would have been served before this.
      const after = { processId: "after", argv: ["/bin/true"], env: {} };
      await line.call("process/start", startParams(workspace, after));
      await line.notice("process/closed", "after");
      assert.ok(!existsSync(proof), "it wrote outside");
    },
  },
  {
    id: "listening.another-user",
    sentence: "another user of the machine can't drive an executor, nor by going away before anybody looks",
    essential: true,
    needsRoot: true,
    async run({ playground, serve }) {
      const proof = join(playground.outside, "escaped");
      await using executor = await serve();
      for (const hide of ["", "1"]) {
        const drop = [`--reuid=${STRANGER}`, `--regid=${STRANGER}`, "--clear-groups", "--"];
        const argv = [...drop, "/usr/bin/perl", "-e", DRIVER, new URL(executor.url).port, proof, hide];
        const child = ownChild(spawn("setpriv", argv, { cwd: "/", stdio: ["ignore", "pipe", "inherit"] }));
        let said = "";
        child.stdout.on("data", (data) => (said += data));
        await once(child, "close");
        await endChild(child);
        assert.doesNotMatch(said, / 101 /, "it was let in");
      }
      await using line = await WireLine.open(executor.url);
      await line.call("process/start", startParams("/", { processId: "after", argv: ["/bin/true"] }));
      await line.notice("process/closed", "after");
      assert.ok(!existsSync(proof), "it ran a command");
    },
  },
  {
    id: "listening.web-pages",
    sentence: "a web page can't drive an executor, by its own name or by one that was made to lead here",
    essential: true,
    async run({ serve }) {
      await using executor = await serve();
      const { host, port } = new URL(executor.url);
      assert.equal(await upgrade(executor.url, { Host: host }), 101, "a client without a browser is let in");
      assert.equal(await upgrade(executor.url, { Host: `localhost:${port}` }), 101);
      for (const headers of [
        { Host: host, Origin: "https://example.com" },
        { Host: host, Origin: "null" },
        { Host: `rebound.example:${port}` },
        { Host: "127.0.0.1.example" },
        { Host: `localhost.example:${port}` },
        { Host: host, "Sec-Fetch-Site": "cross-site" },
        { Host: host, "Sec-Fetch-Site": "same-origin" },
      ]) {
        assert.equal(await upgrade(executor.url, headers), 403, JSON.stringify(headers));
      }
    },
  },
];
