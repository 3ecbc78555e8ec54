import { describe, expect, test } from "vitest";
import { type OutputSection, wasDenied } from "../../src/denial/was-denied.ts";
import type { SandboxType } from "../../src/launch-plan.ts";

const MiB = 1024 * 1024;

function denied(
  exitCode: number,
  output: { stdout?: OutputSection; stderr?: OutputSection } = {},
  sandboxType: SandboxType = "linuxSeccomp",
): boolean {
  return wasDenied({ sandboxType, exitCode, stdout: output.stdout ?? "", stderr: output.stderr ?? "" });
}

describe("was it the sandbox", () => {
  test.each<[string, number, { stdout?: string; stderr?: string }, boolean]>([
    ["touch outside", 1, { stderr: "touch: cannot touch '/etc/x': Read-only file system\n" }, true],
    ["a program that prints the word", 1, { stdout: "sandbox\n" }, true],
    ["the words win over exit code 2", 2, { stderr: "Permission denied\n" }, true],
    ["SIGSYS", 159, {}, true],
    ["SIGKILL", 137, {}, false],
    ["SIGTERM", 143, {}, false],
    ["a host that does not resolve", 6, { stderr: "curl: (6) Could not resolve host: example.com\n" }, false],
    ["an own exit code", 3, {}, false],
    ["a file that may not be executed", 126, { stderr: "sh: 1: ./noexec: Permission denied\n" }, true],
    ["126 without words", 126, {}, false],
    ["an unknown command in a shell", 127, { stderr: "sh: 1: nope: not found\n" }, false],
    ["exit code 2 without words", 2, { stderr: "usage: x\n" }, false],
    ["a missing program under the wrapper", 101, { stderr: "linux-sandbox/src/main.rs: Failed to execvp /no\n" }, true],
    ["the words, and success", 0, { stderr: "Permission denied, sandbox\n" }, false],
    ["nothing at all", 1, {}, false],
  ])("%s", (_what, exitCode, output, expected) => {
    expect(denied(exitCode, output)).toBe(expected);
  });

  test.each([
    "Operation not permitted",
    "PERMISSION DENIED",
    "Read-only file system",
    "SecComp",
    "Landlock",
    "SANDBOX",
    "failed to write file",
  ])("reads %j in either stream, in text, bytes and chunks", (words) => {
    const text = `x: ${words}.`;
    const bytes = Buffer.from(text);
    const chunks = [...bytes].map((byte) => Uint8Array.of(byte));
    for (const section of [text, bytes, new Uint8Array(bytes), chunks]) {
      expect(denied(1, { stdout: section })).toBe(true);
      expect(denied(1, { stderr: section })).toBe(true);
    }
  });

  test("does not join the end of one stream with the start of the other", () => {
    expect(denied(1, { stdout: "permission ", stderr: "denied" })).toBe(false);
    expect(denied(1, { stderr: "permission ", stdout: "denied" })).toBe(false);
  });

  test("finds the words in bytes that are no UTF-8", () => {
    const bytes = Buffer.concat([Buffer.of(0xff, 0xfe, 0x80, 0xe2), Buffer.from("Permission denied"), Buffer.of(0xc3)]);
    expect(denied(1, { stderr: bytes })).toBe(true);
  });

  test("reads a view of a larger buffer, and no further", () => {
    const whole = Buffer.from("sandbox, all well, sandbox");
    expect(denied(1, { stderr: whole.subarray(9, 17) })).toBe(false);
    expect(denied(1, { stderr: whole.subarray(17) })).toBe(true);
  });

  test("finds the words at the end of a full retention buffer", () => {
    const full = Buffer.alloc(MiB, "Permission denie");
    expect(denied(1, { stdout: full })).toBe(false);
    full.write("d", MiB - 1);
    full.write("Permission denie", MiB - 17);
    expect(denied(1, { stdout: full })).toBe(true);
  });

  test.each(["none", "macosSeatbelt", "windowsRestrictedToken"] as const)(
    "%s: SIGSYS alone says nothing",
    (sandboxType) => {
      expect(denied(159, {}, sandboxType)).toBe(false);
    },
  );

  test("the words count under every sandbox, and without one never", () => {
    expect(denied(1, { stderr: "Permission denied" }, "macosSeatbelt")).toBe(true);
    expect(denied(1, { stderr: "Permission denied" }, "windowsRestrictedToken")).toBe(true);
    expect(denied(1, { stderr: "Permission denied" }, "none")).toBe(false);
  });
});
