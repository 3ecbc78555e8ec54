import { describe, expect, test } from "vitest";
import type { ReleaseDifference } from "../../src/schema/diff/compare-releases.ts";
import { holdfast } from "../support/cli.ts";

async function differenceOf(before: string, after: string): Promise<ReleaseDifference> {
  const { code, stdout } = await holdfast(["schema", "diff", before, after, "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout.toString()) as ReleaseDifference;
}

/** The changes of one type, each as `kind path: what`, with ! where they can hurt. */
function changesOf({ types }: ReleaseDifference, name: string): string[] {
  return (types.find(({ type }) => type === name)?.changes ?? []).map(
    ({ path, kind, what, breaks }) => `${breaks.length > 0 ? "! " : ""}${kind} ${path}: ${what}`,
  );
}

describe("schema diff", () => {
  test("tells what release 0.171.0 has changed since 0.169.0", async () => {
    const difference = await differenceOf("0.169.0", "0.171.0");
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    expect(names(difference.methods.added)).toEqual([
      "modelProvider/default/set",
      "thread/realtime/list",
      "thread/search/cancel",
      "thread/search/partial",
      "thread/search/stream",
      "thread/search/stream/cancel",
    ]);
    expect(names(difference.methods.removed)).toEqual(["currentTime/read"]);
    expect(changesOf(difference, "Project")).toEqual(["! removed .position: was required"]);
    expect(changesOf(difference, "ThreadListParams")).toEqual(["added .includedThreadIds: optional"]);
    expect(changesOf(difference, "CodexErrorInfo")).toEqual(['added : "bioPolicy" is new']);
    expect(changesOf(difference, "AgentMessageDisplay")).toContain("! widened [mode=hide]: this form is new");
  });

  test("tells what 0.169.0 has changed since 0.144.6", async () => {
    const difference = await differenceOf("0.144.6", "0.169.0");
    expect(difference.methods.removed).toMatchObject([{ name: "thread/rollback", breaks: true }]);
    expect(changesOf(difference, "ReviewDelivery")).toEqual(['! narrowed : "detached" is gone']);
    expect(changesOf(difference, "ReviewDecision")).toContain('! narrowed : "denied" is gone');
    expect(changesOf(difference, "ThreadRealtimeStartParams")).toContain(
      "! removed .codexResponseHandoffPrefix: was optional",
    );
    expect(difference.methods.changed).toContainEqual({
      method: "thread/items/list",
      change: "no longer experimental",
    });
  });

  test("tells nothing of a release and itself", async () => {
    expect(await differenceOf("0.169.0", "0.169.0")).toEqual({
      from: "0.169.0",
      to: "0.169.0",
      methods: { added: [], removed: [], changed: [] },
      types: [],
    });
  });

  test.each([
    ["0.144.6", "0.169.0"],
    ["0.169.0", "0.171.0"],
  ])("the report from %s to %s is what it says", async (before, after) => {
    const { code, stdout } = await holdfast(["schema", "diff", before, after]);
    expect(code).toBe(0);
    await expect(stdout.toString()).toMatchFileSnapshot(
      `../../../../docs/app-server-releases/${before}-to-${after}.txt`,
    );
  });

  test.each([
    [["diff", "0.1.0", "0.171.0"], "the schemas of release '0.1.0' are not here; known are 0.144.6, 0.169.0, 0.171.0"],
    [["diff", "../0.169.0", "0.171.0"], "the schemas of release '../0.169.0' are not here"],
    [["merge", "0.169.0", "0.171.0"], "'merge' is not diff"],
    [["diff", "0.169.0"], "RELEASE"],
  ])("refuses %j in one line", async (words, line) => {
    const { code, stderr } = await holdfast(["schema", ...words]);
    expect([code, stderr.toString()]).toEqual([2, expect.stringContaining(line)]);
  });
});
