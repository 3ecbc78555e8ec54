import { isAlive, programPath, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines, serve } from "./support/cli.ts";

/** Kill a client in the middle of a command. @returns the command's process id. */
async function abandonCommand(url: string): Promise<number> {
  await using client = new Cli(["exec", "--url", url, "--", "sh", "-c", "echo $$; exec sleep 600"]);
  await until(() => client.stdout.includes("\n"));
  client.child.kill("SIGKILL");
  return Number(client.stdout.toString());
}

describe("serve", () => {
  test("prints one line, the URL that was bound, and nothing else", async () => {
    await using server = await serve();
    await holdfast(["exec", "--url", server.url, "--", "true"]);
    server.child.kill("SIGTERM");
    const { code, stdout, stderr } = await server.result();
    expect(stdout.toString()).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with 0 and every child gone", async (signal) => {
    await using server = await serve();
    const program = [process.execPath, programPath("ignores-sigterm")];
    const script = 'echo $$; "$@" & echo $!; wait';
    const args = ["exec", "--url", server.url, "--recover-for", "0", "--", "sh", "-c", script, "sh", ...program];
    await using client = new Cli(args);
    // The shell and its child print on their own accounts, in whatever order.
    await until(() => lines(client.stdout.toString()).length === 3);
    const pids = lines(client.stdout.toString()).map(Number).filter(Number.isInteger);
    expect(pids).toHaveLength(2);
    server.child.kill(signal);
    expect(await server.result()).toMatchObject({ code: 0, signal: null });
    await until(() => pids.every((pid) => !isAlive(pid)));
    expect((await client.result()).code).toBe(255);
  });

  test("keeps the processes of a client that was killed, until it ends itself", async () => {
    await using server = await serve();
    const pid = await abandonCommand(server.url);
    await holdfast(["exec", "--url", server.url, "--", "true"]);
    expect(isAlive(pid)).toBe(true);
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, signal: null });
    await until(() => !isAlive(pid));
  });

  test.each(["0", "1"])("--session-ttl %s ends them after so many seconds", async (seconds) => {
    await using server = await serve({ args: ["--session-ttl", seconds] });
    const pid = await abandonCommand(server.url);
    await until(() => !isAlive(pid));
  });

  test("refuses a --session-ttl that is no number of seconds, in one line, with 2", async () => {
    const { code, stdout, stderr } = await holdfast(["serve", "--session-ttl", "soon"]);
    expect([code, stdout.toString()]).toEqual([2, ""]);
    expect(lines(stderr)).toEqual([expect.stringContaining("--session-ttl must be a whole number of seconds")]);
  });

  test("logs on stderr when asked to", async () => {
    await using server = new Cli(["serve", "--log-level", "debug"]);
    await until(() => server.stdout.length > 0);
    await holdfast(["exec", "--url", server.stdout.toString().trim(), "--", "true"]);
    await until(() => server.stderr.includes("client disconnected"));
    expect(lines(server.stdout.toString())).toHaveLength(1);
  });

  test.each(["ws://0.0.0.0:0", "ws://[::]:0", "ws://192.0.2.1:0"])(
    "refuses to serve the network on %s unasked",
    async (listen) => {
      const { code, stdout, stderr } = await holdfast(["serve", "--listen", listen]);
      expect([code, stdout.toString()]).toEqual([2, ""]);
      expect(lines(stderr)).toEqual([expect.stringContaining("--allow-unauthenticated-network")]);
    },
  );

  test("refuses a host name in one line, with 2", async () => {
    const { code, stderr } = await holdfast(["serve", "--listen", "ws://example.com:7070"]);
    expect(code).toBe(2);
    expect(lines(stderr)).toHaveLength(1);
  });

  test("tells in one line, with 1, that the port is in use", async () => {
    await using server = await serve();
    const { code, stdout, stderr } = await holdfast(["serve", "--listen", server.url]);
    expect([code, stdout.toString()]).toEqual([1, ""]);
    expect(lines(stderr)).toEqual([
      `holdfast serve: cannot listen on ${server.url}: the port is in use; choose another one, or 0 for any free one`,
    ]);
  });
});

describe("serve --listen stdio", () => {
  const message = (value: unknown): string => `${JSON.stringify(value)}\n`;

  test("serves one connection and ends with its input, every child gone", async () => {
    await using server = new Cli(["serve", "--listen", "stdio"], { stdin: "open-pipe" });
    const { stdin } = server.child;
    stdin?.write(message({ id: 1, method: "initialize", params: { clientName: "test" } }));
    await until(() => lines(server.stdout.toString()).length === 1);
    expect(JSON.parse(server.stdout.toString())).toMatchObject({ id: 1, result: { sessionId: expect.any(String) } });
    stdin?.write(message({ method: "initialized", params: {} }));
    const argv = ["sh", "-c", "echo $$; sleep 60"];
    const params = { processId: "p", argv, cwd: "file:///", env: { PATH: process.env.PATH }, tty: false };
    stdin?.write(message({ id: 2, method: "process/start", params }));
    const output = await until(() =>
      lines(server.stdout.toString())
        .map((line) => JSON.parse(line))
        .find(isOutput),
    );
    const pid = Number(Buffer.from(output.params.chunk, "base64").toString());
    expect(isAlive(pid)).toBe(true);
    stdin?.end();
    expect(await server.result()).toMatchObject({ code: 0, stderr: "" });
    await until(() => !isAlive(pid));
  });
});

function isOutput(line: { readonly method?: string }): boolean {
  return line.method === "process/output";
}
