import { processStartErrorData } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";

describe("why a process was not started", () => {
  test.each(["spawnNotFound", "spawnPermissionDenied", "spawnFailed", "sandboxUnavailable", "sandboxPreparation"])(
    "can be %s",
    (kind) => {
      expect(processStartErrorData({ kind })).toEqual({ kind });
      expect(processStartErrorData({ kind, member: "cwd", more: 1 })).toEqual({ kind, member: "cwd" });
    },
  );

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "spawnFailed"],
    ["a list", ["spawnFailed"]],
    ["no kind", {}],
    ["a kind of a later release", { kind: "spawnForbidden" }],
    ["a name that objects have by nature", { kind: "constructor" }],
    ["a kind that is no text", { kind: 1 }],
  ])("is not told by %s", (_, data) => {
    expect(processStartErrorData(data)).toBeUndefined();
  });

  test.each([null, 1, "env", "toString"])("leaves out the member %j, which is not known", (member) => {
    expect(processStartErrorData({ kind: "spawnNotFound", member })).toEqual({ kind: "spawnNotFound" });
  });
});
