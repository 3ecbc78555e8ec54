import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openServices } from "../services-host.ts";

const CONFIG = `model = "mine"
[profiles.fast]
model = "small"
[model_providers.mock]
name = "Mock"
base_url = "http://127.0.0.1:1/v1"
wire_api = "responses"
experimental_bearer_token = "a secret"
`;

describe("models", () => {
  test("are those that the configuration names, and never none", async () => {
    await using opened = await openServices(CONFIG);
    const listed = (await opened.ask("model/list", { includeHidden: true })) as { data: { id: string }[] };
    expect(listed).toMatchObject({
      data: [
        {
          id: "mine",
          model: "mine",
          displayName: "mine",
          isDefault: true,
          hidden: false,
          defaultReasoningEffort: "medium",
        },
        { id: "small", isDefault: false },
      ],
      nextCursor: null,
    });
    await using empty = await openServices();
    const { data } = (await empty.ask("model/list", {})) as { data: { model: string }[] };
    expect(data).toMatchObject([{ isDefault: true }]);
    // The one that a thread has then.
    expect(await empty.ask("thread/start", {})).toMatchObject({ model: data[0]?.model, modelProvider: "openai" });
  });

  test("come in pages", async () => {
    await using opened = await openServices(CONFIG);
    expect(await opened.ask("model/list", { limit: 0 })).toMatchObject({ data: [{ id: "mine" }], nextCursor: "1" });
    expect(await opened.ask("model/list", { limit: 1, cursor: "1" })).toMatchObject({
      data: [{ id: "small" }],
      nextCursor: null,
    });
    const refused = (message: string) => ({ error: { code: -32600, message } });
    expect(await opened.ask("model/list", { cursor: "zz" })).toEqual(refused("invalid cursor: zz"));
    expect(await opened.ask("model/list", { cursor: "99" })).toEqual(refused("cursor 99 exceeds total models 2"));
  });

  test("of a provider that is not configured are told so, with its name as data", async () => {
    await using opened = await openServices(CONFIG);
    expect(await opened.ask("model/list", { modelProvider: "mock" })).toMatchObject({ data: [{ id: "mine" }, {}] });
    expect(await opened.ask("model/list", { modelProvider: "nope" })).toEqual({
      error: {
        code: -32600,
        message:
          "This chat uses model provider “nope”, which is no longer configured. Restore this provider’s configuration to continue.",
        data: { type: "modelProviderNotConfigured", modelProvider: "nope" },
      },
    });
  });
});

describe("model providers", () => {
  test("are told without their secrets", async () => {
    await using opened = await openServices(CONFIG);
    const listed = await opened.ask("modelProvider/list", {});
    expect(listed).toEqual({
      data: [
        {
          id: "mock",
          name: "Mock",
          canEdit: true,
          baseUrl: "http://127.0.0.1:1/v1",
          settings: { type: "customGateway", auth: { mode: "externallyConfigured", envKey: null } },
        },
        { id: "openai", name: "OpenAI", canEdit: false, baseUrl: null, settings: { type: "openai" } },
      ],
      defaultProviderId: "openai",
      canChangeDefault: true,
    });
    expect(await opened.ask("modelProvider/capabilities/read", {})).toEqual({
      imageGeneration: false,
      webSearch: false,
    });
  });

  test("become the default one by a line of the configuration", async () => {
    await using opened = await openServices(CONFIG);
    expect(await opened.ask("modelProvider/default/set", { providerId: "nope" })).toEqual({
      error: {
        code: -32600,
        message: "Model provider `nope` is not configured.",
        data: { config_write_error_code: "configValidationError" },
      },
    });
    expect(await opened.ask("modelProvider/default/set", { providerId: "mock" })).toMatchObject({ status: "ok" });
    expect(await readFile(opened.file, "utf8")).toContain('model = "mine"\nmodel_provider = "mock"\n[profiles.fast]');
    expect(await opened.ask("modelProvider/list", {})).toMatchObject({ defaultProviderId: "mock" });
  });

  test("are added and changed", async () => {
    await using opened = await openServices(CONFIG);
    const provider = {
      id: "my-gate",
      name: "My Gate!",
      canEdit: true,
      baseUrl: "http://x/v1",
      settings: { type: "customGateway", auth: { mode: "environmentVariable", envKey: "K" } },
    };
    const settings = { type: "customGateway", name: "My Gate!", baseUrl: "http://x/v1", envKey: "K" };
    expect(await opened.ask("modelProvider/config/write", { settings })).toEqual({ provider });
    expect(await readFile(opened.file, "utf8")).toBe(
      `${CONFIG}\n[model_providers.my-gate]\nname = "My Gate!"\nbase_url = "http://x/v1"\nenv_key = "K"\nwire_api = "responses"\n`,
    );
    const change = { type: "customGateway", providerId: "my-gate", envKey: null };
    expect(await opened.ask("modelProvider/config/write", { settings: change })).toEqual({
      provider: { ...provider, settings: { type: "customGateway", auth: { mode: "none" } } },
    });
    expect(await opened.ask("modelProvider/config/write", { settings })).toMatchObject({
      provider: { id: "my-gate-2" },
    });
    const other = { type: "bedrock", providerId: "amazon-bedrock" };
    expect(await opened.ask("modelProvider/config/write", { settings: other })).toMatchObject({
      error: { code: -32600 },
    });
  });

  test.each([
    { given: { name: "" }, code: "configValidationError", message: "Enter a provider name." },
    { given: {}, code: "configValidationError", message: "Enter a provider name." },
    { given: { providerId: "mock", name: " " }, code: "configValidationError", message: "Enter a provider name." },
    { given: { providerId: "nope", name: "a" }, code: "configPathNotFound", message: "Unknown provider ID." },
    ...["nonsense", "ftp://x", "http://u:p@x", "http://x?q=1", "http://x#f"].map((baseUrl) => ({
      given: { name: "a", baseUrl },
      code: "configValidationError",
      message: "Enter an HTTP(S) base URL without credentials, a query, or a fragment.",
    })),
  ])("by $given are refused", async ({ given, code, message }) => {
    await using opened = await openServices(CONFIG);
    expect(await opened.ask("modelProvider/config/write", { settings: { type: "customGateway", ...given } })).toEqual({
      error: { code: -32600, message, data: { config_write_error_code: code } },
    });
    expect(await readFile(opened.file, "utf8")).toBe(CONFIG);
  });
});

describe("permission profiles", () => {
  test("are listed in pages", async () => {
    await using opened = await openServices();
    const profile = (id: string) => ({ id, description: null, allowed: true });
    expect(await opened.ask("permissionProfile/list", { limit: null, cwd: "/w" })).toEqual({
      data: [profile(":read-only"), profile(":workspace"), profile(":danger-full-access")],
      nextCursor: null,
    });
    expect(await opened.ask("permissionProfile/list", { limit: 1, cursor: "1" })).toEqual({
      data: [profile(":workspace")],
      nextCursor: "2",
    });
  });
});
