import { describe, expect, test } from "vitest";
import { parseMcpLoginSettings } from "../../src/config/login-settings.ts";

describe("what a configuration says of all logins", () => {
  test("is where the browser comes back to, and where they are kept", () => {
    expect(parseMcpLoginSettings({})).toEqual({ redirect: { port: undefined, url: undefined }, store: "auto" });
    const root = {
      mcp_oauth_credentials_store: "file",
      mcp_oauth_callback_port: 7_777,
      mcp_oauth_callback_url: "https://box.example/back",
      mcp_servers: 5,
    };
    expect(parseMcpLoginSettings(root)).toEqual({
      redirect: { port: 7_777, url: "https://box.example/back" },
      store: "file",
    });
    expect(parseMcpLoginSettings({ mcp_oauth_callback_port: 7n }).redirect.port).toBe(7);
  });

  test.each([
    [
      { mcp_oauth_credentials_store: "x" },
      "unknown variant `x`, expected one of `auto`, `file`, `keyring` in `mcp_oauth_credentials_store`",
    ],
    [
      { mcp_oauth_callback_port: 0 },
      "invalid MCP OAuth callback port `0`: port must be between 1 and 65535 in `mcp_oauth_callback_port`",
    ],
    [{ mcp_oauth_callback_port: 70_000 }, "invalid MCP OAuth callback port `70000`"],
    [
      { mcp_oauth_callback_port: 1.5 },
      "invalid type: floating point `1.5`, expected a whole number in `mcp_oauth_callback_port`",
    ],
    [{ mcp_oauth_callback_port: "x" }, "invalid type: string, expected a whole number in `mcp_oauth_callback_port`"],
    [{ mcp_oauth_callback_url: 5 }, "invalid type: integer `5`, expected a string in `mcp_oauth_callback_url`"],
  ])("is refused when it can not be done: %j", (root, message) => {
    expect(() => parseMcpLoginSettings(root)).toThrow(message);
  });
});
