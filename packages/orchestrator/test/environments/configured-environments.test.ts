import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { configuredEnvironments } from "../../src/index.ts";

const LOCAL = { address: "inside this process", isRemote: false, target: () => "ws://never" };
const FILE = 'default = "a"\n[[environments]]\nid = "a"\nurl = "ws://x"\n';

/** What the sources say, in a home with this file. */
async function configured(variables: Readonly<Record<string, string>>, file?: string) {
  await using home = await tempDir("codex-home-");
  if (file !== undefined) await writeFile(home.join("environments.toml"), file);
  const told = await configuredEnvironments({ variables, codexHome: home.path, local: LOCAL });
  return { ...told, environments: told.environments.map(({ id }) => id) };
}

const RENDEZVOUS = {
  CODEX_EXEC_SERVER_NOISE_REGISTRY_URL: " https://registry ",
  CODEX_EXEC_SERVER_NOISE_ENVIRONMENT_ID: "id",
  CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: "token",
};

describe("what says which environments there are", () => {
  test.each<[string, Readonly<Record<string, string>>, string | undefined, object]>([
    ["nothing", {}, undefined, { source: "default", environments: ["local"], defaultId: "local" }],
    ["an empty variable", { CODEX_EXEC_SERVER_URL: " " }, undefined, { source: "default", environments: ["local"] }],
    ["a URL", { CODEX_EXEC_SERVER_URL: "ws://x" }, undefined, { environments: ["remote"], defaultId: "remote" }],
    [
      "no URL at all",
      { CODEX_EXEC_SERVER_URL: "http://q" },
      undefined,
      { source: "variable", environments: ["remote"] },
    ],
    ["none", { CODEX_EXEC_SERVER_URL: " NoNe " }, undefined, { environments: [], defaultId: undefined }],
    ["a file", {}, FILE, { source: "file", environments: ["local", "a"], defaultId: "a" }],
    ["a file before the variable", { CODEX_EXEC_SERVER_URL: "none" }, FILE, { source: "file", defaultId: "a" }],
    ["an empty file", { CODEX_EXEC_SERVER_URL: "ws://x" }, "", { environments: ["local"], defaultId: "local" }],
    [
      "a rendezvous before all",
      { ...RENDEZVOUS, CODEX_EXEC_SERVER_URL: "ws://x" },
      "no toml at all",
      {
        source: "rendezvous",
        environments: ["remote"],
        defaultId: "remote",
      },
    ],
    [
      "an empty rendezvous",
      { CODEX_EXEC_SERVER_NOISE_REGISTRY_URL: "", CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: "  " },
      undefined,
      { source: "default" },
    ],
  ])("%s", async (_, variables, file, expected) => {
    expect(await configured(variables, file)).toMatchObject(expected);
  });

  test("half a rendezvous is refused, whatever else there is", async () => {
    const { CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: _, ...half } = RENDEZVOUS;
    await expect(configured({ ...half, CODEX_EXEC_SERVER_URL: "ws://x" }, FILE)).rejects.toThrow(
      "environment registry configuration error: Noise environment requires CODEX_EXEC_SERVER_NOISE_REGISTRY_URL, CODEX_EXEC_SERVER_NOISE_ENVIRONMENT_ID, and CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN",
    );
  });
});

describe("an environment behind a relay", () => {
  const tokens = { HOLDFAST_RELAY_TOKEN: " usual ", BOX_TOKEN: "named" };

  /** What is known of those behind URLs, by their ids. */
  async function told(variables: Readonly<Record<string, string>>, file?: string) {
    await using home = await tempDir("codex-home-");
    if (file !== undefined) await writeFile(home.join("environments.toml"), file);
    const { environments } = await configuredEnvironments({ variables, codexHome: home.path, local: LOCAL });
    return Object.fromEntries(environments.flatMap(({ id, ...more }) => ("url" in more ? [[id, more]] : [])));
  }

  test("has its token from its entry, from the variable that it names, or from the usual one; others have none", async () => {
    const entry = (id: string, url: string, more = "") => `[[environments]]\nid = "${id}"\nurl = "${url}"\n${more}\n`;
    const file = [
      entry("own", "relay+https://relay.example/own", 'auth_bearer_token = "own"'),
      entry("named", "relay+https://relay.example/named", 'bearer_token_env_var = "BOX_TOKEN"'),
      entry("unset", "relay+https://relay.example/unset", 'bearer_token_env_var = "NO_TOKEN"'),
      entry("usual", "relay+http://127.0.0.1:1/usual"),
      entry("socket", "wss://devbox.example"),
    ].join("\n");
    const environments = await told(tokens, file);
    expect(Object.entries(environments).map(([id, { bearerToken }]) => [id, bearerToken])).toEqual([
      ["own", "own"],
      ["named", "named"],
      ["unset", undefined],
      ["usual", "usual"],
      ["socket", undefined],
    ]);
  });

  test.each([
    ['bearer_token_env_var = "A"\nurl = "wss://x"', "bearer_token_env_var requires a relay+https:// url"],
    ['bearer_token_env_var = "A"\nprogram = "x"', "bearer_token_env_var requires a relay+https:// url"],
    ['bearer_token_env_var = " "\nurl = "relay+https://x/y"', "bearer_token_env_var cannot be empty"],
    [
      'bearer_token_env_var = "A"\nauth_bearer_token = "b"\nurl = "relay+https://x/y"',
      "must not set both auth_bearer_token and bearer_token_env_var",
    ],
    [
      'auth_bearer_token = "b"\nurl = "relay+http://relay.example/y"',
      "auth_bearer_token requires relay+https:// or a loopback destination",
    ],
  ])("is refused with %j", async (entry, message) => {
    await expect(told({}, `[[environments]]\nid = "a"\n${entry}\n`)).rejects.toThrow(message);
  });

  test("is what Codex's variables for a rendezvous name", async () => {
    expect(await told({ ...RENDEZVOUS, ...tokens })).toEqual({
      remote: { url: "relay+https://registry/id", bearerToken: "token" },
    });
    const account = { CODEX_EXEC_SERVER_NOISE_CHATGPT_ACCOUNT_ID: "acct" };
    expect(await told({ ...RENDEZVOUS, ...account })).toMatchObject({
      remote: { registryHeaders: { "chatgpt-account-id": "acct" } },
    });
    await expect(told({ ...RENDEZVOUS, CODEX_EXEC_SERVER_NOISE_REGISTRY_URL: "registry" })).rejects.toThrow(
      "environment registry configuration error: CODEX_EXEC_SERVER_NOISE_REGISTRY_URL must be an http:// or https:// URL without a query",
    );
  });

  test("is what HOLDFAST_URL stands for, with its token", async () => {
    const url = "relay+https://relay.example/box";
    expect(await told({ CODEX_EXEC_SERVER_URL: url, ...tokens })).toEqual({ remote: { url, bearerToken: "usual" } });
  });
});

describe("a file that can not be read", () => {
  test("is no file", async () => {
    await using home = await tempDir("codex-home-");
    await mkdir(home.join("environments.toml"));
    await expect(configuredEnvironments({ variables: {}, codexHome: home.path, local: LOCAL })).rejects.toThrow(
      `exec-server protocol error: failed to read environment config \`${home.join("environments.toml")}\`: it is no file`,
    );
  });

  test("leads round in a circle", async () => {
    await using home = await tempDir("codex-home-");
    await symlink("environments.toml", home.join("environments.toml"));
    await expect(configuredEnvironments({ variables: {}, codexHome: home.path, local: LOCAL })).rejects.toThrow(
      /failed to inspect environment config .*ELOOP/,
    );
  });

  test("may be written by every user", async () => {
    await using home = await tempDir("codex-home-");
    await writeFile(home.join("environments.toml"), FILE);
    await chmod(home.join("environments.toml"), 0o646);
    await expect(configuredEnvironments({ variables: {}, codexHome: home.path, local: LOCAL })).rejects.toThrow(
      /failed to read environment config .*: every user may write it, and so decide what runs as you: chmod o-w it first/,
    );
  });

  test("is no text, or endless", async () => {
    await using home = await tempDir("codex-home-");
    const path = home.join("environments.toml");
    const read = () => configuredEnvironments({ variables: {}, codexHome: home.path, local: LOCAL });
    await writeFile(path, Buffer.from([0xff, 0xfe]));
    await expect(read()).rejects.toThrow(/failed to read environment config .*not valid/);
    await writeFile(path, `#${"x".repeat(1_048_576)}`);
    await expect(read()).rejects.toThrow(/it has more than 1048576 bytes/);
  });
});
