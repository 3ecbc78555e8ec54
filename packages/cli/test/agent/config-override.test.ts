import { describe, expect, test } from "vitest";
import { configOverrides, featureOverrides } from "../../src/agent/config-override.ts";

describe("a member of the configuration on the command line", () => {
  test.each([
    ['model="o3"', "model", "o3"],
    ["model=o3", "model", "o3"],
    ["sandbox_workspace_write.network_access=true", "sandbox_workspace_write.network_access", true],
    ['mcp_servers.a.args=["x", "y=z"]', "mcp_servers.a.args", ["x", "y=z"]],
    ["model_context_window=1000", "model_context_window", 1000],
    ["url=http://127.0.0.1:1/?a=b", "url", "http://127.0.0.1:1/?a=b"],
    ["empty=", "empty", ""],
  ])("%s", (word, name, value) => {
    expect(configOverrides([word])).toEqual({ [name]: value });
  });

  test("that comes later counts", () => {
    expect(configOverrides(["model=a", "model=b"])).toEqual({ model: "b" });
  });

  test.each(["model", "=o3"])("%s is refused: it has no name, or no value", (word) => {
    expect(() => configOverrides([word])).toThrow(`--config must be NAME=VALUE, not '${word}'`);
  });
});

describe("features by name", () => {
  test("are members of the configuration", () => {
    expect(featureOverrides({ enable: ["one", "two"], disable: ["three"] })).toEqual({
      "features.one": true,
      "features.two": true,
      "features.three": false,
    });
  });

  test.each([
    [{ enable: ["a.b"], disable: [] }, "--enable must be the name of a feature, not 'a.b'"],
    [{ enable: [], disable: [""] }, "--disable must be the name of a feature, not ''"],
    [{ enable: ["a"], disable: ["a"] }, "--enable a and --disable a: give one of them"],
  ])("are refused where they are none, or both: %j", (words, message) => {
    expect(() => featureOverrides(words)).toThrow(message);
  });
});
