import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";
import { sharedServer } from "../support/shared-server.ts";

/** A server on the executor's machine that says what it hears in capitals, and ends when it has heard the end. */
async function shouter() {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => socket.write(String(data).toUpperCase()));
    socket.on("end", () => socket.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

async function heard(to: { readonly port: number } | { readonly path: string }, words: string): Promise<string> {
  const socket = connectTcp({ host: "127.0.0.1", ...to, allowHalfOpen: true });
  socket.end(words);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function forwarding(words: readonly string[], count = 1) {
  const cli = new Cli(["forward", ...words]);
  await until(() => lines(cli.stdout.toString()).length === count, { deadlineMs: 20_000 });
  return cli;
}

describe("forward", () => {
  test("prints what listens here and where it leads, carries connections, and ends with 0 at SIGTERM", async () => {
    await using far = await shouter();
    const { url } = await sharedServer();
    await using folder = await tempDir();
    const socket = folder.join("far.sock");
    await using cli = await forwarding(
      ["--url", url, `0:${far.port}`, `[::1]:0:localhost:${far.port}`, `${socket}:127.0.0.1:${far.port}`],
      3,
    );
    const [first, second, third] = lines(cli.stdout.toString());
    const port = Number(new RegExp(`^127\\.0\\.0\\.1:(\\d+) -> 127\\.0\\.0\\.1:${far.port}$`).exec(first ?? "")?.[1]);
    expect(second).toMatch(new RegExp(`^\\[::1\\]:\\d+ -> localhost:${far.port}$`));
    expect(third).toBe(`${socket} -> 127.0.0.1:${far.port}`);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(await heard({ port }, "one")).toBe("ONE");
    expect(await heard({ path: socket }, "two")).toBe("TWO");
    cli.child.kill("SIGTERM");
    expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(socket)).toBe(false);
    const gone = connectTcp({ port, host: "127.0.0.1" });
    const [error] = (await once(gone, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("--json is a line of JSON for each", async () => {
    const { url } = await sharedServer();
    await using cli = await forwarding(["--json", "--url", url, "0:db.invalid:5432"]);
    expect(JSON.parse(cli.stdout.toString())).toEqual({
      local: { host: "127.0.0.1", port: expect.any(Number) },
      remote: { host: "db.invalid", port: 5432 },
      via: "executor",
    });
  });

  test("tells a connection that can't be had there, and goes on", async () => {
    const { url } = await sharedServer();
    await using far = await shouter();
    await using cli = await forwarding(["--json", "--url", url, "0:127.0.0.1:1", `0:${far.port}`], 2);
    const ports = lines(cli.stdout.toString()).map((line) => JSON.parse(line).local.port as number);
    const refused = connectTcp({ port: ports[0] ?? 0, host: "127.0.0.1" });
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await until(() => /^holdfast forward: ECONNREFUSED: no connection to 127\.0\.0\.1 port 1 /.test(cli.stderr));
    expect(await heard({ port: ports[1] ?? 0 }, "on")).toBe("ON");
  });

  test("goes on after its line was cut, and ends with 1 when it is lost for good", async () => {
    const { url } = await sharedServer();
    await using line = await BadLine.to(url);
    await using far = await shouter();
    await using cli = await forwarding(["--json", "--url", line.url, "--recover-for", "0.3", `0:${far.port}`]);
    const { port } = JSON.parse(cli.stdout.toString()).local as { port: number };
    expect(await heard({ port }, "before")).toBe("BEFORE");
    line.cut();
    expect(await heard({ port }, "after")).toBe("AFTER");
    line.refuse();
    line.cut();
    const { code, stderr } = await cli.result();
    expect([code, lines(stderr).map((text) => JSON.parse(text))]).toEqual([
      1,
      [
        {
          error: {
            command: "forward",
            message: expect.stringMatching(/^the executor is out of reach: /),
            exitCode: 1,
          },
        },
      ],
    ]);
  });

  test.each([
    [[], 2, "missing argument FORWARD…"],
    [["8080:x"], 2, `"x" in '8080:x' is no port`],
    [["0:80", "8080:"], 2, `"" in '8080:' is no port`],
    [["/no/such/folder/a.sock:80"], 1, "cannot listen on /no/such/folder/a.sock"],
    [["203.0.113.1:0:web:80"], 1, "cannot listen on 203.0.113.1 port 0: listen EADDRNOTAVAIL"],
  ])("%j: %i, %s", async (words, expected, text) => {
    const { url } = await sharedServer();
    const { code, stdout, stderr } = await holdfast(["forward", "--url", url, ...words]);
    expect([code, stdout.length]).toEqual([expected, 0]);
    expect(lines(stderr)).toEqual([expect.stringContaining(text)]);
  });

  test("a signal ends it at once while the executor does not answer", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await using _ = { [Symbol.asyncDispose]: async () => void silent.close() };
    const [socket, cli] = await Promise.all([
      once(silent, "connection").then(([each]) => each as Socket),
      once(silent, "listening").then(
        () => new Cli(["forward", "--url", `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`, "3000"]),
      ),
    ]);
    await using _cli = cli;
    const cut = once(socket, "close");
    socket.resume();
    cli.child.kill("SIGINT");
    expect(await cli.result()).toMatchObject({ code: null, signal: "SIGINT", stderr: "" });
    await cut;
  });

  test("a port that is taken here is told", async () => {
    const { url } = await sharedServer();
    await using far = await shouter();
    const { code, stderr } = await holdfast(["forward", "--url", url, `${far.port}:80`]);
    expect([code, lines(stderr)]).toEqual([
      1,
      [expect.stringContaining(`cannot listen on 127.0.0.1 port ${far.port}: listen EADDRINUSE`)],
    ]);
  });
});
