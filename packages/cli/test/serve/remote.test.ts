import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { connect } from "@holdfast/exec-client";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, type CliOptions, holdfast, lines } from "../support/cli.ts";

/** A registry that answers every call in one way. */
class Registry implements AsyncDisposable {
  readonly calls: IncomingHttpHeaders[] = [];
  readonly #http: Server;

  private constructor(status: number, body: string) {
    this.#http = createServer((request, response) => {
      this.calls.push(request.headers);
      request.resume().on("end", () => response.writeHead(status).end(body));
    });
  }

  static async answering(status: number, body: unknown = ""): Promise<Registry> {
    const registry = new Registry(status, typeof body === "string" ? body : JSON.stringify(body));
    registry.#http.listen(0, "127.0.0.1");
    await once(registry.#http, "listening");
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, "close");
  }
}

const CONFLICT = { error: { code: "registration_conflict", message: "again" } };

async function firstLine({ child: { stdout } }: Cli): Promise<string> {
  if (stdout === null) throw new Error("stdout is no pipe");
  const [line] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return line;
}

function remote(url: string, args: readonly string[] = [], options: CliOptions = {}): Cli {
  const env = { HOLDFAST_RELAY_TOKEN: "the-token", CODEX_API_KEY: "", ...options.env };
  return new Cli(["serve", "--remote", url, "--environment-id", "env-1", ...args], { ...options, env });
}

/** A relay of one's own, with tokens for both sides. */
async function relay() {
  const folder = await tempDir();
  const tokens = ["--tokens", folder.join("tokens")];
  const tokenFor = async (role: string): Promise<string> => {
    const { stdout } = await holdfast(["relay", "token", ...tokens, "--role", role, "--environment", "env-*"]);
    return stdout.toString().trim();
  };
  const [executorToken, clientToken] = [await tokenFor("executor"), await tokenFor("client")];
  const cli = new Cli(["relay", "serve", ...tokens, "--state", folder.join("state")]);
  const url = await firstLine(cli);
  return {
    url,
    executorToken,
    clientToken,
    revokeExecutor: async (): Promise<void> => {
      const { stdout } = await holdfast(["relay", "tokens", ...tokens, "--json"]);
      const listed: { readonly tokens: readonly { readonly name: string; readonly role: string }[] } = JSON.parse(
        stdout.toString(),
      );
      const own = listed.tokens.find(({ role }) => role === "executor");
      await holdfast(["relay", "revoke", ...tokens, own?.name ?? ""]);
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What `now` says it is, in the way of credential frames. */
function frame(token: string, more: object = {}): string {
  const expires_at = Math.floor(Date.now() / 1_000) + 600;
  return `${JSON.stringify({ version: 1, environment_id: "env-1", token, expires_at, ...more })}\n`;
}

describe("serve --remote", () => {
  test("says where clients find it, serves them there, and ends with every child", async () => {
    await using place = await relay();
    await using server = remote(place.url, [], { env: { HOLDFAST_RELAY_TOKEN: place.executorToken } });
    const url = await firstLine(server);
    expect(url).toBe(`relay+${place.url}/env-1`);
    await using executor = await connect(url, { token: place.clientToken });
    const { stdout } = await executor.run(["sh", "-c", 'echo "[$HOLDFAST_RELAY_TOKEN]"']);
    expect(stdout).toBe("[]\n");
    const sleeper = await executor.processes.start({ argv: ["sh", "-c", "echo $$; exec sleep 1000"] });
    let pid = 0;
    for await (const event of sleeper.events()) {
      if (event.type === "output") pid = Number(Buffer.from(event.data).toString());
      if (pid > 0) break;
    }
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, stderr: "" });
    expect(isAlive(pid)).toBe(false);
    expect(lines(server.stdout.toString())).toEqual([url]);
  });

  test("serves several harnesses at once, each with a session of its own", async () => {
    await using place = await relay();
    await using server = remote(place.url, ["--log-level", "info"], {
      env: { HOLDFAST_RELAY_TOKEN: place.executorToken },
    });
    const url = await firstLine(server);
    await using first = await connect(url, { token: place.clientToken });
    await using second = await connect(url, { token: place.clientToken });
    const [one, two] = await Promise.all([first.run(["echo", "one"]), second.run(["echo", "two"])]);
    expect([one.stdout, two.stdout]).toEqual(["one\n", "two\n"]);
    expect(lines(server.stderr).filter((line) => line.includes("session opened"))).toHaveLength(2);
    expect(server.stderr).toMatch(
      /client connected peer="relay 127\.0\.0\.1:\d+" principal="harness [0-9a-f]{12}" transport=relay/,
    );
    expect(server.stderr).not.toContain(place.executorToken);
  });

  test("ends with 1 when its token is revoked while it serves", async () => {
    await using place = await relay();
    await using server = remote(place.url, [], { env: { HOLDFAST_RELAY_TOKEN: place.executorToken } });
    await firstLine(server);
    await place.revokeExecutor();
    const { code, stderr } = await server.result();
    expect(code).toBe(1);
    expect(stderr).toContain("environment registry authentication failed (401 Unauthorized)");
  });

  test.each([
    [
      401,
      { error: { code: "no", message: "bad key" } },
      "environment registry authentication error: environment registry authentication failed (401 Unauthorized): bad key",
    ],
    [
      404,
      { error: { code: "nf", message: "no env" } },
      "environment registry request failed (404 Not Found, nf): no env",
    ],
    [200, "{}", "environment registry returned no registration: `environment_id` is not a string"],
  ])("ends with 1 when the registry answers %i", async (status, body, reason) => {
    await using registry = await Registry.answering(status, body);
    const { code, stdout, stderr } = await remote(registry.url).result();
    expect([code, stdout.toString(), stderr]).toEqual([1, "", `holdfast serve: ${reason}\n`]);
    expect(registry.calls).toHaveLength(1);
    expect(registry.calls[0]?.authorization).toBe("Bearer the-token");
  });

  test("says once why nobody can come yet, and can be told to end meanwhile", async () => {
    await using registry = await Registry.answering(503, CONFLICT);
    await using server = remote(registry.url);
    await until(() => registry.calls.length > 1);
    server.child.kill("SIGTERM");
    const { code, stdout, stderr } = await server.result();
    expect([code, stdout.toString()]).toEqual([0, ""]);
    expect(lines(stderr)).toEqual([
      "holdfast serve: not reachable yet, and trying again: environment registry request failed (503 Service Unavailable, registration_conflict): again",
    ]);
  });

  test.each<[readonly string[], string]>([
    [["--remote", "https://h"], "--remote URL needs --environment-id ID"],
    [["--environment-id", "e"], "--environment-id is for --remote URL"],
    [["--name", "e"], "--name is for --remote URL"],
    [["--executor-credential-stdin"], "--executor-credential-stdin is for --remote URL"],
    [
      ["--remote", "https://h", "--environment-id", "e", "--listen", "ws://127.0.0.1:0"],
      "--remote and --listen exclude each other",
    ],
    [["--remote", "https://h", "--environment-id", "e", "--ws-auth", "capability-token"], "--ws-auth is for --listen"],
    [
      ["--remote", "https://h", "--environment-id", "e", "--allow-origin", "https://a.example"],
      "--allow-origin is for --listen",
    ],
    [["--remote", "https://h", "--environment-id", " "], "the environment id must not be empty"],
    [
      ["--remote", "http://relay.example", "--environment-id", "e"],
      "remote transport requires https for non-loopback endpoints",
    ],
    [["--remote", "wss://h", "--environment-id", "e"], "expected https://HOST"],
    [
      ["--remote", "https://h", "--environment-id", "e", "--registration-bearer-stdin", "--executor-credential-stdin"],
      "exclude each other",
    ],
  ])("refuses %j", async (args, reason) => {
    const { code, stdout, stderr } = await holdfast(["serve", ...args], { env: { HOLDFAST_RELAY_TOKEN: "t" } });
    expect([code, stdout.toString()]).toEqual([2, ""]);
    expect(stderr).toContain(reason);
  });
});

describe("the token of serve --remote", () => {
  async function sent(options: CliOptions, args: readonly string[] = []) {
    await using registry = await Registry.answering(404);
    const { code, stderr } = await remote(registry.url, args, options).result();
    return { code, stderr, authorization: registry.calls[0]?.authorization };
  }

  test("is that of HOLDFAST_RELAY_TOKEN, then of CODEX_API_KEY", async () => {
    const both = await sent({ env: { CODEX_API_KEY: "the-key" } });
    expect(both.authorization).toBe("Bearer the-token");
    const key = await sent({ env: { HOLDFAST_RELAY_TOKEN: "", CODEX_API_KEY: "the-key" } });
    expect(key.authorization).toBe("Bearer the-key");
  });

  test("must be there", async () => {
    const { code, stderr, authorization } = await sent({ env: { HOLDFAST_RELAY_TOKEN: "" } });
    expect([code, authorization]).toEqual([1, undefined]);
    expect(stderr).toContain("requires a token: set HOLDFAST_RELAY_TOKEN or CODEX_API_KEY");
  });

  test("must fit into a header, and is not shown where it does not", async () => {
    const { code, stderr } = await sent({ env: { HOLDFAST_RELAY_TOKEN: "to ken" } });
    expect(code).toBe(1);
    expect(stderr).toContain("HOLDFAST_RELAY_TOKEN must be one word of printable ASCII characters");
    expect(stderr).not.toContain("to ken");
  });

  test("is no key of a provider on any other host", async () => {
    const env = { HOLDFAST_RELAY_TOKEN: "", CODEX_API_KEY: "the-key" };
    for (const url of ["https://relay.example", "https://openai.com.evil.example", "https://notopenai.com"]) {
      const { code, stderr } = await remote(url, ["--check"], { env }).result();
      expect(code).toBe(1);
      expect(stderr).toContain(
        "remote exec-server API-key authentication is restricted to HTTPS openai.com and openai.org hosts and subdomains or loopback hosts",
      );
    }
    expect(await remote("https://api.openai.com", ["--check"], { env }).result()).toMatchObject({ code: 0 });
  });

  test("is the first line of stdin with --registration-bearer-stdin", async () => {
    const { authorization } = await sent({ stdin: "of-stdin\nand more" }, ["--registration-bearer-stdin"]);
    expect(authorization).toBe("Bearer of-stdin");
  });

  test.each([
    ["nothing", ""],
    ["a line without an end", "token"],
    ["an empty line", "\n"],
    ["a line of 16,385 bytes", `${"x".repeat(16_385)}\n`],
    ["two words", "a b\n"],
  ])("is not %s", async (_name, stdin) => {
    const { code, stderr, authorization } = await sent({ stdin }, ["--registration-bearer-stdin"]);
    expect([code, authorization]).toEqual([1, undefined]);
    expect(stderr).toContain("--registration-bearer-stdin: expected one line with a token");
  });

  test("of 16,384 bytes is taken", async () => {
    const token = "x".repeat(16_384);
    const { stderr } = await sent({ stdin: `${token}\n` }, ["--registration-bearer-stdin"]);
    // The registry of the test has no room for such a header, and says so.
    expect(stderr).toMatch(/\(431 |\(404 /);
  });
});

describe("--executor-credential-stdin", () => {
  const ARGS = ["--executor-credential-stdin"];

  test.each([
    ["no JSON", "token\n", "invalid exec-server executor credential frame"],
    ["a list", "[]\n", "invalid exec-server executor credential frame"],
    ["another version", frame("t", { version: 2 }), "invalid exec-server executor credential frame"],
    ["a further member", frame("t", { more: 1 }), "invalid exec-server executor credential frame"],
    [
      "a time that is a text",
      frame("t", { expires_at: "1795249022" }),
      "invalid exec-server executor credential frame",
    ],
    ["an empty token", frame(""), "invalid exec-server executor credential frame"],
    ["a line of 16,385 bytes", frame("x".repeat(16_385)), "invalid exec-server executor credential frame"],
    [
      "another environment",
      frame("t", { environment_id: "env-2" }),
      "exec-server executor credential is for a different environment",
    ],
    [
      "a time that is over",
      frame("t", { expires_at: Math.floor(Date.now() / 1_000) - 1 }),
      "exec-server executor credential is expired",
    ],
    ["an end without a frame", "", "stdin ended before the initial exec-server executor credential"],
  ])("refuses %s", async (_name, stdin, reason) => {
    await using registry = await Registry.answering(404);
    const { code, stderr } = await remote(registry.url, ARGS, { stdin }).result();
    expect([code, stderr]).toEqual([1, `holdfast serve: ${reason}\n`]);
    expect(registry.calls).toEqual([]);
  });

  test("shows the newest credential, and keeps the one before where a line is none", async () => {
    await using registry = await Registry.answering(503, CONFLICT);
    await using server = remote(registry.url, [...ARGS, "--log-level", "warn"], { stdin: "open-pipe" });
    const stdin = server.child.stdin as NonNullable<typeof server.child.stdin>;
    stdin.write(frame("first"));
    await until(() => registry.calls.some(({ authorization }) => authorization === "Bearer first"));
    stdin.write("garbage\n");
    await until(() =>
      server.stderr.includes("a new credential was not taken: invalid exec-server executor credential frame"),
    );
    const before = registry.calls.length;
    await until(() => registry.calls.length > before);
    expect(registry.calls.at(-1)?.authorization).toBe("Bearer first");
    stdin.write(frame("second"));
    await until(() => registry.calls.some(({ authorization }) => authorization === "Bearer second"));
  });

  test("ends the executor with 0 when the pipe is closed", async () => {
    await using place = await relay();
    await using server = remote(place.url, ARGS, { stdin: "open-pipe" });
    server.child.stdin?.write(frame(place.executorToken));
    const url = await firstLine(server);
    await using executor = await connect(url, { token: place.clientToken });
    await executor.run(["true"]);
    server.child.stdin?.end();
    expect(await server.result()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("serve --remote with a configuration file", () => {
  test("has its settings there, and --check says so without a call", async () => {
    await using folder = await tempDir();
    await using registry = await Registry.answering(404);
    await writeFile(
      folder.join("holdfast.toml"),
      `[relay]\nurl = "${registry.url}"\nenvironment-id = "env-1"\nname = "build box"\n`,
    );
    const args = ["serve", "--config", "holdfast.toml", "--check", "--json"];
    const options = { cwd: folder.path, env: { HOLDFAST_RELAY_TOKEN: "the-token" } };
    const { code, stdout } = await holdfast(args, options);
    expect(code).toBe(0);
    const report = JSON.parse(stdout.toString());
    const rows = new Map(report.settings.map(({ key, ...row }: { key: string }) => [key, row]));
    expect(rows.get("relay.url")).toEqual({
      value: registry.url,
      from: { kind: "file", file: "holdfast.toml", line: 2, key: "relay.url" },
    });
    expect(rows.get("relay.name")).toMatchObject({ value: "build box" });
    expect(rows.get("listen")).toEqual({ value: null, from: { kind: "default" } });
    expect(stdout.toString()).not.toContain("the-token");
    expect(registry.calls).toEqual([]);
    const both = await holdfast([...args.slice(0, 4), "--listen", "ws://127.0.0.1:0"], options);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("relay.url (holdfast.toml:2) and --listen exclude each other");
  });
});
