import { once } from "node:events";
import { chmodSync, existsSync, statSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Server } from "node:net";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines, serve } from "../support/cli.ts";
import { hold } from "../support/held.ts";
import { sharedServer } from "../support/shared-server.ts";

/** A server on this machine that says what it hears in capitals, and ends when it has heard the end. */
async function shouter(at: object = { host: "127.0.0.1", port: 0 }) {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => socket.write(String(data).toUpperCase()));
    socket.on("end", () => socket.end());
  });
  server.listen(at);
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === "string" ? 0 : address.port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function heard(to: { readonly port: number } | { readonly path: string }, words: string): Promise<string> {
  const socket = connectTcp({ host: "127.0.0.1", ...to, allowHalfOpen: true });
  socket.end(words);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function codeOf(port: number): Promise<unknown> {
  const socket = connectTcp({ port, host: "127.0.0.1" });
  const [outcome] = await Promise.race([once(socket, "error"), once(socket, "connect").then(() => [undefined])]);
  socket.destroy();
  return (outcome as NodeJS.ErrnoException | undefined)?.code;
}

async function forwarding(words: readonly string[], count = 1) {
  const cli = new Cli(["forward", ...words]);
  await until(() => lines(cli.stdout.toString()).length === count, { deadlineMs: 20_000 });
  return cli;
}

function portOf(cli: Cli): number {
  return JSON.parse(cli.stdout.toString()).remote.port as number;
}

describe("forward --reverse", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("listens there, connects here, and is gone with %s", async (signal) => {
    await using near = await shouter();
    const { url } = await sharedServer();
    await using folder = await tempDir();
    chmodSync(folder.path, 0o700);
    const [here, there] = [folder.join("here.sock"), folder.join("there.sock")];
    await using named = await shouter({ path: here });
    expect(named.port).toBe(0);
    await using cli = await forwarding(
      ["--url", url, "--reverse", `0:${near.port}`, `[::1]:0:localhost:${near.port}`, `${there}:${here}`],
      3,
    );
    const [first, second, third] = lines(cli.stdout.toString());
    const port = Number(new RegExp(`^127\\.0\\.0\\.1:(\\d+) -> 127\\.0\\.0\\.1:${near.port}$`).exec(first ?? "")?.[1]);
    expect(second).toMatch(new RegExp(`^\\[::1\\]:\\d+ -> localhost:${near.port}$`));
    expect(third).toBe(`${there} -> ${here}`);
    expect(statSync(there).mode & 0o777).toBe(0o600);
    expect(await heard({ port }, "one")).toBe("ONE");
    expect(await heard({ path: there }, "two")).toBe("TWO");
    const open = connectTcp({ port, host: "127.0.0.1" });
    open.write("three");
    await once(open, "data");
    const reset = once(open, "error");
    cli.child.kill(signal);
    expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
    expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe("ECONNRESET");
    expect([existsSync(there), await codeOf(port)]).toEqual([false, "ECONNREFUSED"]);
  });

  test("is gone after the time of its session when it is killed", async () => {
    await using near = await shouter();
    await using server = await serve({ args: ["--session-ttl", "1"] });
    await using cli = await forwarding(["--json", "--url", server.url, "--reverse", `0:${near.port}`]);
    expect(JSON.parse(cli.stdout.toString())).toEqual({
      local: { host: "127.0.0.1", port: near.port },
      remote: { host: "127.0.0.1", port: expect.any(Number) },
      via: "executor",
    });
    const port = portOf(cli);
    expect(await heard({ port }, "there")).toBe("THERE");
    cli.child.kill("SIGKILL");
    await cli.result();
    await until(async () => (await codeOf(port)) === "ECONNREFUSED");
  });

  test("goes on after its line was cut", async () => {
    await using near = await shouter();
    const { url } = await sharedServer();
    await using line = await BadLine.to(url);
    await using cli = await forwarding(["--json", "--url", line.url, "--reverse", `0:${near.port}`]);
    const port = portOf(cli);
    expect(await heard({ port }, "before")).toBe("BEFORE");
    line.cut();
    expect(await heard({ port }, "after")).toBe("AFTER");
  });

  test("goes on behind holdfast connect, whose line was cut", async () => {
    await using near = await shouter();
    const { url } = await sharedServer();
    await using line = await BadLine.to(url);
    await using held = await hold(line.url);
    await using cli = await forwarding(["--json", "--url", held.url, "--reverse", `0:${near.port}`]);
    const port = portOf(cli);
    for (let cut = 0; cut < 5; cut += 1) {
      const words = Array.from({ length: 20 }, (_, index) => `word ${cut} ${index}`);
      const answers = words.map((word) => heard({ port }, word));
      line.cut();
      expect(await Promise.all(answers)).toEqual(words.map((word) => word.toUpperCase()));
    }
  });

  test("tells a connection that can't be had here, and goes on", async () => {
    await using near = await shouter();
    const { url } = await sharedServer();
    await using cli = await forwarding(["--json", "--url", url, "--reverse", "0:127.0.0.1:1", `0:${near.port}`], 2);
    const ports = lines(cli.stdout.toString()).map((line) => JSON.parse(line).remote.port as number);
    const refused = connectTcp({ port: ports[0] ?? 0, host: "127.0.0.1" });
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await until(() => lines(cli.stderr).length > 0);
    expect(lines(cli.stderr)).toEqual(["holdfast forward: ECONNREFUSED: no connection here to 127.0.0.1 port 1"]);
    expect(await heard({ port: ports[1] ?? 0 }, "on")).toBe("ON");
  });

  test.each([
    [["0.0.0.0:0:80"], 2, "is no port"],
    [
      ["0.0.0.0:0:web:80"],
      1,
      "cannot listen there: refused: other machines can reach 0.0.0.0: otherMachines must be true if that is meant (--allow-other-machines)",
    ],
    [["./a.sock:80"], 2, "path"],
    [["/no/such/folder/a.sock:80"], 1, "cannot listen there: ENOENT: /no/such/folder/a.sock can't be listened on"],
    [["host.invalid:0:web:80"], 1, "host must be an IP address or localhost"],
  ])("%j: %i, %s", async (words, expected, text) => {
    const { url } = await sharedServer();
    const { code, stdout, stderr } = await holdfast(["forward", "--url", url, "--reverse", ...words]);
    expect([code, stdout.length]).toEqual([expected, 0]);
    expect(lines(stderr)).toEqual([expect.stringContaining(text)]);
  });

  test("a port that is taken there is one line", async () => {
    await using near = await shouter();
    const { url } = await sharedServer();
    const { code, stderr } = await holdfast(["forward", "--url", url, "--reverse", `${near.port}:80`]);
    expect([code, lines(stderr)]).toEqual([
      1,
      [
        `holdfast forward: cannot listen there: EADDRINUSE: 127.0.0.1 port ${near.port} can't be listened on: somebody listens there already; choose another, or 0 for any that is free`,
      ],
    ]);
  });

  test("listens for other machines when it is told to, which is for --reverse alone", async () => {
    await using near = await shouter();
    const { url } = await sharedServer();
    const words = ["--allow-other-machines", `0.0.0.0:0:127.0.0.1:${near.port}`];
    await using cli = await forwarding(["--json", "--url", url, "--reverse", ...words]);
    expect(await heard({ port: portOf(cli) }, "outside")).toBe("OUTSIDE");
    const { code, stderr } = await holdfast(["forward", "--url", url, ...words]);
    expect([code, lines(stderr)]).toEqual([2, [expect.stringContaining("--allow-other-machines is for --reverse")]]);
  });
});

test("forward leads to a unix socket there", async () => {
  await using folder = await tempDir();
  const service = folder.join("service.sock");
  await using far = await shouter({ path: service });
  expect(far.port).toBe(0);
  const { url } = await sharedServer();
  const here = folder.join("here.sock");
  await using cli = await forwarding(["--json", "--url", url, `0:${service}`, `${here}:${service}`], 2);
  const [first, second] = lines(cli.stdout.toString()).map((line) => JSON.parse(line));
  expect([first.remote, second]).toEqual([
    { path: service },
    { local: { path: here }, remote: { path: service }, via: "executor" },
  ]);
  expect(await heard({ port: first.local.port }, "docker")).toBe("DOCKER");
  expect(await heard({ path: here }, "docker")).toBe("DOCKER");
});
