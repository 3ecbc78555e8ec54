import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { intentFor, managed, ROOT_READ, special } from "../support/intents.ts";
import { runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const WORKSPACE_ONLY = [ROOT_READ, special("project_roots", "write")];
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Perl makes these calls without a library in between that would choose others. */
const PERL = String.raw`
use Socket;
sub try { my ($what, $body) = @_; my $ok = $body->(); print "$what: ", $ok ? "ok" : $! + 0, "\n" }
`;

describe.skipIf(machine === undefined)("without network", () => {
  let ws: string;
  let server: Server;

  beforeAll(async () => {
    ws = mkdtempSync("/var/tmp/sandbox-pairs-");
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(`${ws}/outside.sock`, resolve));
  });

  afterAll(() => {
    server.close();
    rmSync(ws, { recursive: true, force: true });
  });

  const run = (argv: readonly string[]) => {
    const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/" };
    const intent = intentFor(managed(WORKSPACE_ONLY), ws, { argv, env });
    return runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
  };

  test.each(["SOCK_STREAM", "SOCK_SEQPACKET"])("a pair of sockets can be used in every way: %s", async (type) => {
    const { stdout, stderr } = await run([
      "perl",
      "-e",
      `${PERL}
      socketpair(my $x, my $y, AF_UNIX, ${type}, 0) or die "no pair: $!";
      try("send", sub { defined send $x, "hello", 0 });
      try("recv", sub { my $got; defined(recv $y, $got, 5, 0) && $got eq "hello" });
      try("setsockopt", sub { setsockopt $x, SOL_SOCKET, 16, pack("i", 1) });
      try("getsockopt", sub { defined getsockopt $x, SOL_SOCKET, SO_TYPE });
      try("getsockname", sub { defined getsockname $x });
      try("getpeername", sub { defined getpeername $x });
      try("shutdown", sub { shutdown $x, 1 });
      `,
    ]);
    expect(stderr).toBe("");
    const calls = ["send", "recv", "setsockopt", "getsockopt", "getsockname", "getpeername", "shutdown"];
    expect(stdout).toBe(calls.map((call) => `${call}: ok\n`).join(""));
  });

  test("nobody is reached by a name", async () => {
    const { stdout, stderr } = await run([
      "perl",
      "-e",
      `${PERL}
      my $name = sockaddr_un("${ws}/outside.sock");
      socket(my $stream, AF_UNIX, SOCK_STREAM, 0) or die "no socket: $!";
      socketpair(my $x, my $y, AF_UNIX, SOCK_STREAM, 0) or die "no pair: $!";
      try("connect", sub { connect $stream, $name });
      try("send to a name", sub { defined send $stream, "x", 0, $name });
      try("send to a name from a pair", sub { defined send $x, "x", 0, $name });
      bind $stream, sockaddr_un("${ws}/own.sock") or die "no name of its own: $!";
      listen $stream, 1 or die "no queue: $!";
      try("accept", sub { accept my $n, $stream });
      try("connect to its own name", sub { socket my $s, AF_UNIX, SOCK_STREAM, 0; connect $s, sockaddr_un("${ws}/own.sock") });
      try("datagrams", sub { socket my $s, AF_UNIX, SOCK_DGRAM, 0 });
      try("pair of datagrams", sub { socketpair my $p, my $q, AF_UNIX, SOCK_DGRAM, 0 });
      try("internet", sub { socket my $s, AF_INET, SOCK_STREAM, 0 });
      `,
    ]);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual(
      [
        "connect",
        "send to a name",
        "send to a name from a pair",
        "accept",
        "connect to its own name",
        "datagrams",
        "pair of datagrams",
        "internet",
      ].map((what) => `${what}: 1`),
    );
  });

  test.skipIf(!hasPython)("Python's event loop is woken by its threads", async () => {
    const program = [
      "import asyncio",
      "async def main():",
      "    for number in range(3): await asyncio.wait_for(asyncio.to_thread(lambda: number), 20)",
      "    process = await asyncio.create_subprocess_exec('echo', 'heard', stdout=asyncio.subprocess.PIPE)",
      "    print((await process.communicate())[0].decode(), end='')",
      "asyncio.run(main())",
    ].join("\n");
    const { stdout, stderr, exitCode } = await run(["python3", "-c", program]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "heard\n", stderr: "", exitCode: 0 });
  });
});
