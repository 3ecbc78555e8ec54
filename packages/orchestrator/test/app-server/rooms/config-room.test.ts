import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openServices } from "../services-host.ts";

describe("the configuration", () => {
  test("is told with its layers, those that count most first, and by whom each value is", async () => {
    await using opened = await openServices('model = "mine"\nnotify = ["x", "y"]\n[tui]\ntheme = "t"\n');
    const { host, file } = opened;
    await mkdir(join(host.cwd, ".git"));
    await mkdir(join(host.cwd, ".codex"));
    await writeFile(join(host.cwd, ".codex", "config.toml"), 'model = "its"\n');
    const user = {
      name: { type: "user", file, profile: null },
      version: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    };
    const read = (await opened.ask("config/read", { includeLayers: true, cwd: "." })) as { layers: unknown[] };
    expect(read).toMatchObject({
      config: { model: "mine", notify: ["x", "y"], tui: { theme: "t" } },
      origins: { model: user, "notify.0": user, "notify.1": user, "tui.theme": user },
    });
    expect(read.layers.slice(0, 2)).toMatchObject([
      {
        name: { type: "project", dotCodexFolder: join(host.cwd, ".codex") },
        config: { model: "its" },
        disabledReason: expect.any(String),
      },
      { ...user, config: { model: "mine" } },
    ]);
    await opened.ask("config/batchWrite", {
      edits: [{ keyPath: `projects."${host.cwd}".trust_level`, value: "trusted", mergeStrategy: "replace" }],
      reloadUserConfig: true,
    });
    expect(await opened.ask("config/read", { cwd: "." })).toMatchObject({ config: { model: "its" }, layers: null });
    expect(await opened.ask("config/read", {})).toMatchObject({ config: { model: "mine" } });
  });

  test("is changed, one value or many, all or nothing", async () => {
    await using opened = await openServices("# mine\n");
    const { file } = opened;
    const replace = (keyPath: string, value: unknown) => ({ keyPath, value, mergeStrategy: "replace" });
    const written = {
      status: "ok",
      filePath: file,
      overriddenMetadata: null,
      version: expect.stringMatching(/^sha256:/),
    };
    expect(await opened.ask("config/value/write", replace("model", "a"))).toEqual(written);
    expect(await opened.ask("config/batchWrite", { edits: [] })).toEqual(written);
    expect(
      await opened.ask("config/batchWrite", { edits: [replace("model", "b"), replace("approval_policy", "bogus")] }),
    ).toEqual({
      error: {
        code: -32600,
        message:
          "Invalid configuration: unknown variant `bogus`, expected one of `untrusted`, `on-failure`, `on-request`, `granular`, `never`\nin `approval_policy`\n",
        data: { config_write_error_code: "configValidationError" },
      },
    });
    expect(await readFile(file, "utf8")).toBe('# mine\nmodel = "a"\n');
    expect(await opened.ask("config/value/write", { ...replace("model", "b"), filePath: "/tmp/other.toml" })).toEqual({
      error: {
        code: -32600,
        message: "Only writes to the user config are allowed",
        data: { config_write_error_code: "configLayerReadonly" },
      },
    });
    expect(
      await opened.ask("config/value/write", {
        ...replace("model", "b"),
        filePath: file,
        expectedVersion: "sha256:00",
      }),
    ).toEqual({
      error: {
        code: -32600,
        message: "Configuration was modified since last read. Fetch latest version and retry.",
        data: { config_write_error_code: "configVersionConflict" },
      },
    });
  });

  test("that nobody can read is told by each method in its own words", async () => {
    await using opened = await openServices("model = \n");
    const where = `${opened.file}:2:1: Unspecified values are invalid`;
    const refused = (doing: string) => ({ error: { code: -32603, message: `${doing}: ${where}` } });
    expect(await opened.ask("config/read", {})).toEqual(refused("failed to read configuration layers"));
    const edit = { keyPath: "model", value: "q", mergeStrategy: "replace" };
    expect(await opened.ask("config/value/write", edit)).toEqual(refused("failed to load configuration"));
    expect(await opened.ask("mcpServerStatus/list", {})).toEqual(refused("failed to reload config"));
    expect(await opened.ask("config/mcpServer/reload", null)).toEqual(refused("failed to reload config"));
    expect(await opened.ask("model/list", {})).toEqual(refused("failed to reload config"));
    expect(await opened.ask("thread/start", {})).toEqual({
      error: { code: -32600, message: `failed to load configuration: ${where}` },
    });
    await writeFile(opened.file, "model = 5\n");
    expect(await opened.ask("config/read", {})).toEqual({
      error: {
        code: -32603,
        message: "invalid configuration: invalid type: integer `5`, expected a string\nin `model`\n",
      },
    });
  });
});
