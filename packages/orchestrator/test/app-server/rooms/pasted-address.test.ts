import { describe, expect, test } from "vitest";
import { isHeadless } from "../../../src/app-server/mcp/pasted-address.ts";

describe("a machine without a browser", () => {
  test.each([
    ["linux", {}, true],
    ["linux", { DISPLAY: ":0" }, false],
    ["linux", { DISPLAY: "", WAYLAND_DISPLAY: "wayland-0" }, false],
    ["linux", { DISPLAY: ":0", SSH_CONNECTION: "a 1 b 22" }, true],
    ["darwin", {}, false],
    ["darwin", { SSH_CONNECTION: "a 1 b 22" }, true],
    ["win32", {}, false],
  ] as const)("is known by its variables: %s with %j", (platform, variables, expected) => {
    expect(isHeadless(variables, platform)).toBe(expected);
  });
});
