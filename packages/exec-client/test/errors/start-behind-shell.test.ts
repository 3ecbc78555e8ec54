import { pathUriFromNative } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { startErrorBehindShell } from "../../src/errors/start-behind-shell.ts";

const cwd = pathUriFromNative("/srv", "posix");

function errorOf(exitCode: number, output: string) {
  return startErrorBehindShell({ argv: ["tool", "-v"], cwd }, { exitCode, output });
}

describe("a command that the shell before it could not become", () => {
  test.each([
    "holdfast: 25: exec: tool: not found\n",
    "holdfast: line 25: exec: tool: not found\n",
    "holdfast: exec: line 25: tool: not found\r\n",
    "holdfast: line 25: tool: No such file or directory\n",
  ])("is not found: %j", (output) => {
    const details = {
      name: "CommandNotFoundError",
      code: "ENOENT",
      reason: "program",
      argv: ["tool", "-v"],
      cwd: "/srv",
    };
    expect(errorOf(127, output)).toMatchObject(details);
  });

  test("may not be run", () => {
    const output = "holdfast: 25: exec: tool: Permission denied\n";
    expect(errorOf(126, output)).toMatchObject({ name: "StartError", code: "EACCES" });
  });

  test.each([
    [0, "holdfast: 25: exec: tool: not found\n"],
    [127, "tool: not found\n"],
    [127, "sh: 1: tool: not found\n"],
    [127, "holdfast: 25: exec: other: not found\n"],
    [127, "holdfast: tool: done\n"],
    [126, "holdfast: 25: exec: tool: not found\n"],
    [127, ""],
  ])("is something else: %i %j", (exitCode, output) => {
    expect(errorOf(exitCode, output)).toBeUndefined();
  });
});
