import { describe, expect, test } from "vitest";
import { configOverrides } from "../../src/agent/config-override.ts";

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
