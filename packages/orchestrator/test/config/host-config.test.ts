import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HostConfig } from "../../src/config/host-config.ts";

const FILE = `# top comment
model = "gpt-5.1-codex" # my model
model_provider = "mock"

[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:1/v1"
wire_api = "responses" # keep
http_headers = { a = "b" }

[analytics]
enabled = false
`;

async function openConfig(text?: string) {
  const temporary = await tempDir();
  const codexHome = join(temporary.path, "home");
  await mkdir(codexHome);
  const file = join(codexHome, "config.toml");
  if (text !== undefined) await writeFile(file, text);
  return {
    folder: temporary.path,
    file,
    config: new HostConfig({ codexHome }),
    text: () => readFile(file, "utf8"),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

const replace = (keyPath: string, value: unknown) => ({ keyPath, value, mergeStrategy: "replace" as const });
const upsert = (keyPath: string, value: unknown) => ({ keyPath, value, mergeStrategy: "upsert" as const });

describe("a configuration that is read", () => {
  test("is empty where there is no file, and what the file says once there is one", async () => {
    await using home = await openConfig();
    expect(await home.config.table()).toEqual({});
    await writeFile(home.file, 'model = "one"\n');
    expect(await home.config.table()).toEqual({ model: "one" });
    await writeFile(home.file, 'model = "other"\n');
    expect(await home.config.table()).toEqual({ model: "other" });
  });

  test("is named by the digest of what it says, as releases of Codex name it", async () => {
    await using home = await openConfig('[tui]\ntheme = "x"\n');
    await writeFile(home.file, 'model = "a" # whatever\n[tui]\ntheme = "x"\n');
    const [layer] = await home.config.layers();
    expect(layer?.version).toBe("sha256:7f468b655f59b2da902089cec169cbc9f505b779812f083feecb21c0eb2ce06a");
  });

  test("has overrides by dotted names laid over it, and null is no override", async () => {
    await using home = await openConfig(FILE);
    const table = await home.config.table({
      model: null,
      "model_providers.mock.http_headers": { c: "d" },
      'projects."/a.b".trust_level': "trusted",
    });
    expect(table.model).toBe("gpt-5.1-codex");
    expect(table.model_providers).toMatchObject({ mock: { name: "mock", http_headers: { a: "b", c: "d" } } });
    expect(table.projects).toEqual({ "/a.b": { trust_level: "trusted" } });
  });

  test("has what holds for the program alone laid over it, and below what is asked for at once", async () => {
    await using home = await openConfig(FILE);
    const overrides = { model: "of the program", "analytics.enabled": true };
    const config = new HostConfig({ codexHome: dirname(home.file), overrides });
    expect(await config.table()).toMatchObject({ model: "of the program", analytics: { enabled: true } });
    const table = await config.table({ model: "at once", "analytics.enabled": null });
    expect(table).toMatchObject({ model: "at once", analytics: { enabled: true }, model_provider: "mock" });
    expect((await config.layers()).map(({ source }) => source.type)).toEqual(["user", "sessionFlags"]);
  });

  test("that is no TOML is refused by its name, line and column", async () => {
    await using home = await openConfig('model = "a"\nother = \n');
    await expect(home.config.table()).rejects.toThrow(`${home.file}:3:1: Unspecified values are invalid`);
  });

  test("that everybody may write is refused", async () => {
    await using home = await openConfig(FILE);
    await chmod(home.file, 0o666);
    await expect(home.config.table()).rejects.toThrow(/every user may write it.*chmod o-w/);
  });

  test("of a project counts if the user trusts it, and never says whom else to trust or what is sent where", async () => {
    await using home = await openConfig('model = "mine"\n');
    const project = join(home.folder, "project");
    const cwd = join(project, "below");
    await mkdir(join(project, ".git"), { recursive: true });
    await mkdir(join(project, ".codex"));
    await mkdir(cwd);
    await writeFile(
      join(project, ".codex", "config.toml"),
      'model = "its"\nmodel_provider = "evil"\n[model_providers.evil]\nname = "e"\n[projects."/"]\ntrust_level = "trusted"\n',
    );
    const untrusted = await home.config.layers({ cwd });
    expect(untrusted.at(-1)).toMatchObject({
      source: { type: "project", dotCodexFolder: join(project, ".codex") },
      table: { model: "its" },
      disabledReason: `To load project-local config, hooks, and exec policies, add ${project} as a trusted project in ${home.file}.`,
    });
    expect((await home.config.table({}, { cwd })).model).toBe("mine");
    await home.config.write({ edits: [replace(`projects."${project}".trust_level`, "trusted")] });
    const table = await home.config.table({}, { cwd });
    expect(table).toEqual({ model: "its", projects: { [project]: { trust_level: "trusted" } } });
    expect((await home.config.table({ model: "given" }, { cwd })).model).toBe("given");
  });
});

describe("a change of the file", () => {
  test("keeps comments and order, and gives new tables heads of their own", async () => {
    await using home = await openConfig(FILE);
    await home.config.write({
      edits: [replace("model", "gpt-x"), replace("sandbox_workspace_write.network_access", true)],
    });
    await home.config.write({ edits: [replace('projects."/a/b.c".trust_level', "trusted")] });
    expect(await home.text()).toBe(
      `${FILE.replace('"gpt-5.1-codex"', '"gpt-x"')}
[sandbox_workspace_write]
network_access = true

[projects."/a/b.c"]
trust_level = "trusted"
`,
    );
  });

  test("lays a table over another, or puts it in its place", async () => {
    await using home = await openConfig(FILE);
    await home.config.write({ edits: [upsert("model_providers.mock", { name: "m2", query_params: { "y z": "2" } })] });
    expect((await home.config.table()).model_providers).toEqual({
      mock: {
        name: "m2",
        base_url: "http://127.0.0.1:1/v1",
        wire_api: "responses",
        http_headers: { a: "b" },
        query_params: { "y z": "2" },
      },
    });
    expect(await home.text()).toContain('wire_api = "responses" # keep\n');
    await home.config.write({ edits: [replace("model_providers.mock", { name: "m3", base_url: "http://q" })] });
    expect((await home.config.table()).model_providers).toEqual({ mock: { name: "m3", base_url: "http://q" } });
  });

  test("by null takes a member out, and is nothing where there is none", async () => {
    await using home = await openConfig(FILE);
    const [{ version } = { version: "" }] = await home.config.layers();
    expect(await home.config.write({ edits: [replace("nope.nope", null)] })).toEqual({ version });
    expect(await home.text()).toBe(FILE);
    await home.config.write({ edits: [replace("model_reasoning_effort", "high")] });
    expect(await home.config.write({ edits: [replace("model_reasoning_effort", null)] })).toEqual({ version });
    expect(await home.text()).toBe(FILE);
  });

  test("makes the file, for its owner alone, and writes what a link leads to", async () => {
    await using home = await openConfig();
    await home.config.write({ edits: [replace("model", "a")] });
    expect(await home.text()).toBe('model = "a"\n');
    const elsewhere = join(home.folder, "elsewhere.toml");
    const linked = join(home.folder, "linked");
    await mkdir(linked);
    await writeFile(elsewhere, "# kept elsewhere\n");
    await symlink(elsewhere, join(linked, "config.toml"));
    await new HostConfig({ codexHome: linked }).write({ edits: [replace("model", "b")] });
    expect(await readFile(elsewhere, "utf8")).toBe('# kept elsewhere\nmodel = "b"\n');
  });

  test.each([
    ["", 5, "keyPath must not be empty"],
    ["a..b", 5, "keyPath segments must not be empty"],
    ["a.", 5, "keyPath segments must not be empty"],
    ['a."b', 5, "unterminated quoted keyPath segment"],
    ["__proto__.x", 5, "keyPath segments must not be `__proto__`"],
    ["desktop.n", [null], "invalid value: invalid type: null, expected any valid TOML value"],
    ["model", 5, "Invalid configuration: invalid type: integer `5`, expected a string\nin `model`\n"],
    ["model.x", 5, "cannot set value on non-table parent"],
    ["review_model.x", 5, "Invalid configuration: invalid type: map, expected a string\nin `review_model`\n"],
    ["features.x", "y", "Invalid configuration: invalid type: string, expected a boolean\nin `features`\n"],
    [
      "approval_policy",
      "bogus",
      "Invalid configuration: unknown variant `bogus`, expected one of `untrusted`, `on-failure`, `on-request`, `granular`, `never`\nin `approval_policy`\n",
    ],
    [
      'projects."/a".trust_level',
      "x",
      "Invalid configuration: unknown variant `x`, expected `trusted` or `untrusted`\nin `projects./a.trust_level`\n",
    ],
    [
      "model_providers.z",
      { base_url: "http://x" },
      "Invalid configuration: model_providers.z: provider name must not be empty\nin `model_providers`\n",
    ],
    [
      "mcp_servers.b",
      { command: "x", bearer_token: "z" },
      "Invalid configuration: bearer_token is not supported for stdio\nin `mcp_servers.b`\n",
    ],
  ])("of %s is refused in the words of Codex where nothing can be made of it", async (keyPath, value, message) => {
    await using home = await openConfig(FILE);
    await expect(home.config.write({ edits: [replace("tools.x", 1), replace(keyPath, value)] })).rejects.toMatchObject({
      code: "configValidationError",
      message,
    });
    expect(await home.text()).toBe(FILE);
  });

  test("is refused where the file is another one than the client has seen", async () => {
    await using home = await openConfig(FILE);
    await expect(
      home.config.write({ edits: [replace("model", "z")], expectedVersion: "sha256:00" }),
    ).rejects.toMatchObject({
      code: "configVersionConflict",
      message: "Configuration was modified since last read. Fetch latest version and retry.",
    });
    const [layer] = await home.config.layers();
    await home.config.write({ edits: [replace("model", "z")], expectedVersion: layer?.version });
    expect((await home.config.table()).model).toBe("z");
  });

  test("is not lost beside others at the same time, of other programs either", async () => {
    await using home = await openConfig(FILE);
    const others = new HostConfig({ codexHome: join(home.folder, "home") });
    const names = Array.from({ length: 20 }, (_, index) => `tools.t${index}`);
    await Promise.all(
      names.map((name, index) => (index % 2 === 0 ? home.config : others).write({ edits: [replace(name, index)] })),
    );
    expect(Object.keys((await home.config.table()).tools ?? {})).toHaveLength(20);
    expect(await home.text()).toContain("# top comment\n");
  });

  test.each([
    ["a = { b = 1 } # in a line\n", "a.c", 2, "a = { b = 1, c = 2 } # in a line\n"],
    ['[[skills.config]]\npath = "/x"\n', "skills.config", [{ path: "/x" }, { path: "/y" }], undefined],
    [
      'when = 1979-05-27T07:32:00Z # a date\nmodel = "a"\n',
      "model",
      "b",
      'when = 1979-05-27T07:32:00Z # a date\nmodel = "b"\n',
    ],
    [
      "",
      "skills.config",
      [{ name: "x" }, { name: "y" }],
      '[[skills.config]]\nname = "x"\n\n[[skills.config]]\nname = "y"\n',
    ],
    ["a.b.c = 1\n", "a.b.d", 2, "a.b.c = 1\na.b.d = 2\n"],
    ['model = "a"', "tui.theme", "x", 'model = "a"\n\n[tui]\ntheme = "x"\n'],
    ['model = "a"\r\n', "model", "b", 'model = "b"\r\n'],
  ])("leaves all else of %j as it is", async (before, keyPath, value, after) => {
    await using home = await openConfig(before);
    await home.config.write({ edits: [replace(keyPath, value)] });
    if (after !== undefined) expect(await home.text()).toBe(after);
  });
});
