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
