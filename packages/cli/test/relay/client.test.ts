import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";

async function firstLine({ child: { stdout } }: Cli): Promise<string> {
  if (stdout === null) throw new Error("stdout is no pipe");
  const [line] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return line;
}

interface Place extends AsyncDisposable {
  /** What clients connect to. */
  readonly url: string;
  readonly clientToken: string;
  readonly join: (name: string) => string;
  /** Kill the relay, and start it anew where it was. */
  restartRelay(): Promise<void>;
  /** End the executor. */
  endExecutor(): Promise<void>;
  /** Start it anew. */
  startExecutor(): Promise<void>;
}

/** A relay of one's own, and an executor that has dialled out to it. */
async function place(): Promise<Place> {
  const folder = await tempDir("relay-");
  const tokens = ["--tokens", folder.join("tokens")];
  const tokenFor = async (role: string): Promise<string> => {
    const { stdout } = await holdfast(["relay", "token", ...tokens, "--role", role, "--environment", "box-*"]);
    return stdout.toString().trim();
  };
  const [executorToken, clientToken] = [await tokenFor("executor"), await tokenFor("client")];
  const startRelay = (listen: string) =>
    new Cli(["relay", "serve", ...tokens, "--state", folder.join("state"), "--listen", listen]);
  let relay = startRelay("http://127.0.0.1:0");
  const relayUrl = await firstLine(relay);
  const newExecutor = () =>
    new Cli(["serve", "--remote", relayUrl, "--environment-id", "box-1"], {
      env: { HOLDFAST_RELAY_TOKEN: executorToken },
    });
  let executor = newExecutor();
  const url = await firstLine(executor);
  return {
    url,
    clientToken,
    join: (name) => folder.join(name),
    async restartRelay() {
      relay.child.kill("SIGKILL");
      await relay.result();
      relay = startRelay(relayUrl);
      await firstLine(relay);
    },
    async endExecutor() {
      executor.child.kill("SIGTERM");
      await executor.result();
    },
    async startExecutor() {
      executor = newExecutor();
      await firstLine(executor);
    },
    async [Symbol.asyncDispose]() {
      await executor[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("an executor behind a relay", { timeout: 60_000 }, () => {
  test("runs commands, gives and takes files, and is told of, by every way to name it and its token", async () => {
    await using at = await place();
    const env = { HOLDFAST_RELAY_TOKEN: at.clientToken };
    const command = ["sh", "-c", 'cat; echo err >&2; echo "[$HOLDFAST_RELAY_TOKEN]"; exit 3'];
    const ran = await holdfast(["exec", "--url", at.url, "--", ...command], { env, stdin: "in\n" });
    expect([ran.code, ran.stdout.toString(), ran.stderr]).toEqual([3, "in\n[]\n", "err\n"]);

    const bytes = Buffer.alloc(3_000_000, "0123456789abcdef\n");
    await writeFile(at.join("here"), bytes);
    const copied = await holdfast(["cp", "--url", at.url, at.join("here"), `remote:${at.join("there")}`], { env });
    expect(copied.code).toBe(0);
    expect((await readFile(at.join("there"))).equals(bytes)).toBe(true);

    const info = await holdfast(["info", "--json"], { env: { ...env, HOLDFAST_URL: at.url } });
    expect(JSON.parse(info.stdout.toString())).toMatchObject({ url: at.url });

    await writeFile(at.join("token"), `${at.clientToken}\n`, { mode: 0o600 });
    // The token of an executor is not for a relay.
    const others = { HOLDFAST_TOKEN: "of an executor" };
    const byFile = ["exec", "--url", at.url, "--token-file", at.join("token"), "--", "echo", "by file"];
    expect((await holdfast(byFile, { env: others })).stdout.toString()).toBe("by file\n");
    const without = await holdfast(["exec", "--url", at.url, "--", "true"], { env: others });
    expect(without.code).toBe(255);
    expect(without.stderr).toContain(
      "give the token of a client; there is none; --token-file FILE or HOLDFAST_RELAY_TOKEN has it",
    );
    expect(lines(without.stderr)).toHaveLength(1);
  });

  test("is an environment, with its token from a variable that is named, or the usual one", async () => {
    await using at = await place();
    const home = { CODEX_HOME: at.join("home") };
    const added = await holdfast(["env", "add", "box", "--url", at.url, "--token-variable", "BOX_TOKEN", "--default"], {
      env: home,
    });
    expect(added.code).toBe(0);
    expect(await readFile(at.join("home/environments.toml"), "utf8")).toContain('bearer_token_env_var = "BOX_TOKEN"');
    const listed = async (env: Readonly<Record<string, string>>): Promise<string> =>
      (await holdfast(["env", "list", "--check"], { env: { ...home, ...env } })).stdout.toString();
    expect(await listed({ BOX_TOKEN: at.clientToken })).toMatch(/^box +\* +relay\+http:\S+ +ready$/mu);
    expect(await listed({ HOLDFAST_RELAY_TOKEN: at.clientToken })).toContain("401 Unauthorized");
    const usual = { HOLDFAST_URL: at.url, HOLDFAST_RELAY_TOKEN: at.clientToken, CODEX_HOME: at.join("empty") };
    expect((await holdfast(["env", "list", "--check"], { env: usual })).stdout.toString()).toContain(" ready");
    const codex = {
      CODEX_EXEC_SERVER_NOISE_REGISTRY_URL: at.url.replace(/^relay\+|\/box-1$/gu, ""),
      CODEX_EXEC_SERVER_NOISE_ENVIRONMENT_ID: "box-1",
      CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: at.clientToken,
      CODEX_HOME: at.join("empty"),
    };
    expect((await holdfast(["env", "list", "--check"], { env: codex })).stdout.toString()).toContain(" ready");
  });

  test("goes on with a command, and loses none of its output, when the relay is killed and started anew", async () => {
    await using at = await place();
    await chmod(at.join("."), 0o700);
    const go = at.join("go");
    const script = `for i in $(seq 1 200); do echo "line $i"; done; while [ ! -e ${go} ]; do sleep 0.05; done; for i in $(seq 201 400); do echo "line $i"; done`;
    await using exec = new Cli(["exec", "--url", at.url, "--", "sh", "-c", script], {
      env: { HOLDFAST_RELAY_TOKEN: at.clientToken },
    });
    await until(() => exec.stdout.toString().includes("line 200\n"));
    await at.restartRelay();
    await writeFile(go, "");
    const { code, stdout } = await exec.result();
    expect(code).toBe(0);
    expect(lines(stdout.toString())).toEqual(Array.from({ length: 400 }, (_, index) => `line ${index + 1}`));
  });

  test("is waited for when it is gone, and missed by name", async () => {
    await using at = await place();
    await at.endExecutor();
    const connecting = connect(at.url, { token: at.clientToken });
    await at.startExecutor();
    await using executor = await connecting;
    expect((await executor.run(["echo", "back"])).stdout).toBe("back\n");
    const other = at.url.replace("box-1", "box-2");
    const unknown = await holdfast(["exec", "--url", other, "--", "true"], {
      env: { HOLDFAST_RELAY_TOKEN: at.clientToken },
    });
    expect(unknown.code).toBe(255);
    expect(unknown.stderr).toContain("start the executor of box-2, or check the id; `holdfast serve --remote URL");
  });
});
