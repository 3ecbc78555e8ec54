import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openThread, type ThreadOptions } from "./support/open-thread.ts";
import { calls, type Entry, scriptedModel } from "./support/scripted-model.ts";

const PATCH = `*** Begin Patch
*** Add File: new.txt
+one
+two
*** Update File: old.txt
@@
 a
-b
+B
*** Delete File: gone.txt
*** End Patch`;

const NEW_DIFF = `diff --git a/new.txt b/new.txt
new file mode 100644
index 0000000000000000000000000000000000000000..814f4a422927b82f5f8a43f8fab6d3839e3983f2
--- /dev/null
+++ b/new.txt
@@ -0,0 +1,2 @@
+one
+two
`;

/** A thread over files that the patch is for. */
async function patched(call: Entry, options: Partial<ThreadOptions> = {}) {
  const stack = new AsyncDisposableStack();
  const model = stack.use(await scriptedModel([call]));
  const thread = stack.use(await openThread({ config: model.config(), ...options }));
  writeFileSync(join(thread.folder, "old.txt"), "a\nb\n");
  writeFileSync(join(thread.folder, "gone.txt"), "bye\n");
  const at = (name: string) => join(thread.folder, name);
  return {
    thread,
    at,
    /** What the model was told. */
    output: () => model.calls[1]?.body.input.at(-1)?.output,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const byFunction = calls("apply_patch", { input: PATCH });

describe("a patch", () => {
  test("is applied, and told as an item and as the diff of the turn", async () => {
    await using opened = await patched(byFunction);
    const { thread, at } = opened;
    expect(await thread.turn("patch")).toEqual({ status: "completed" });
    expect(thread.items()[1]).toMatchObject({
      type: "fileChange",
      id: "call_1",
      status: "completed",
      changes: [
        { path: at("new.txt"), kind: { type: "add" }, diff: "one\ntwo\n" },
        { path: at("old.txt"), kind: { type: "update", move_path: null }, diff: "@@ -1,2 +1,2 @@\n a\n-b\n+B\n" },
        { path: at("gone.txt"), kind: { type: "delete" }, diff: "bye\n" },
      ],
    });
    expect(opened.output()).toMatch(
      /^Exit code: 0\nWall time: [\d.]+ seconds\nOutput:\nSuccess\. Updated the following files:\nA new\.txt\nM old\.txt\nD gone\.txt\n$/,
    );
    const { diff } = thread.told("turn/diff/updated").at(-1);
    expect(diff).toContain(NEW_DIFF);
    expect(diff).toContain("--- a/old.txt\n+++ b/old.txt\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n");
    expect(diff).toContain("deleted file mode 100644\n");
    expect([readFileSync(at("new.txt"), "utf8"), existsSync(at("gone.txt"))]).toEqual(["one\ntwo\n", false]);
  });

  test.for([
    [
      "as a custom call",
      { type: "custom_tool_call", id: "ctc_1", call_id: "call_1", name: "apply_patch", input: PATCH },
    ],
    ["as a command", calls("exec_command", { cmd: `apply_patch <<'EOF'\n${PATCH}\nEOF` })],
  ] as const)("is the same %s", async ([, call]) => {
    await using opened = await patched(call);
    expect(await opened.thread.turn("patch")).toEqual({ status: "completed" });
    expect(opened.thread.items()[1]).toMatchObject({ type: "fileChange", id: "call_1", status: "completed" });
    expect(opened.output()).toContain("Success. Updated the following files:");
  });

  test("of a command starts in the folder of the command", async () => {
    const patch = "*** Begin Patch\n*** Add File: x\n+y\n*** End Patch";
    await using opened = await patched(
      calls("exec_command", { cmd: `mkdir -p sub/deep`, login: false, shell: "/bin/sh" }),
    );
    await opened.thread.turn("folder");
    await using model = await scriptedModel([
      calls("exec_command", { cmd: `cd deep && apply_patch <<'EOF'\n${patch}\nEOF`, workdir: "sub" }),
    ]);
    await opened.thread.turn("patch", { config: { "model_providers.mock.base_url": model.baseUrl } });
    expect(readFileSync(opened.at("sub/deep/x"), "utf8")).toBe("y\n");
  });

  test("that moves a file says where it is, and the diff is that of a rename", async () => {
    const input = "*** Begin Patch\n*** Update File: old.txt\n*** Move to: sub/moved.txt\n@@\n-b\n+B\n*** End Patch";
    await using opened = await patched(calls("apply_patch", { input }));
    const { thread, at } = opened;
    expect(await thread.turn("patch")).toEqual({ status: "completed" });
    const moved = at("sub/moved.txt");
    expect(thread.items()[1].changes).toEqual([
      {
        path: at("old.txt"),
        kind: { type: "update", move_path: moved },
        diff: `@@ -1,2 +1,2 @@\n a\n-b\n+B\n\n\nMoved to: ${moved}`,
      },
    ]);
    expect(thread.told("turn/diff/updated").map(({ diff }) => diff)).toEqual([
      expect.stringMatching(
        /^diff --git a\/old\.txt b\/sub\/moved\.txt\nrename from old\.txt\nrename to sub\/moved\.txt\nindex .*\n--- a\/old\.txt\n\+\+\+ b\/sub\/moved\.txt\n@@/,
      ),
      expect.stringContaining("rename from old.txt"),
    ]);
  });

  test("that does not fit is told to the model alone", async () => {
    await using opened = await patched(calls("apply_patch", { input: PATCH.replace("-b", "-nothing") }));
    expect(await opened.thread.turn("patch")).toEqual({ status: "completed" });
    expect(opened.output()).toMatch(/^apply_patch verification failed: /);
    expect(opened.thread.items().map(({ type }) => type)).toEqual(["userMessage", "agentMessage"]);
    expect(existsSync(opened.at("new.txt"))).toBe(false);
  });

  test("in a workspace that may be written is applied unasked", async () => {
    await using opened = await patched(byFunction, {
      settings: { approvalPolicy: "on-request", sandboxPolicy: { type: "workspaceWrite" } },
    });
    expect(await opened.thread.turn("patch")).toEqual({ status: "completed" });
    expect(opened.thread.items()[1]).toMatchObject({ status: "completed" });
    expect(opened.thread.told("item/fileChange/requestApproval")).toEqual([]);
  });

  const confined = { approvalPolicy: "on-request", sandboxPolicy: { type: "readOnly" } } as const;

  test.for([
    ["accept", "completed", /Success/, true],
    ["decline", "declined", /^patch rejected by user$/, false],
  ] as const)("beyond the sandbox is asked about first: %s", async ([decision, status, output, isApplied]) => {
    await using opened = await patched(byFunction, {
      settings: confined,
      answers: { "item/fileChange/requestApproval": () => ({ decision }) },
    });
    const { thread } = opened;
    expect(await thread.turn("patch")).toEqual({ status: "completed" });
    const names = thread.events.map(({ name, params }) => `${name} ${params.item?.type ?? ""}`);
    const asked = names.indexOf("item/fileChange/requestApproval ");
    expect(names.indexOf("item/started fileChange")).toBeLessThan(asked);
    expect(asked).toBeLessThan(names.indexOf("item/completed fileChange"));
    expect(thread.told("item/fileChange/requestApproval")[0]).toMatchObject({ itemId: "call_1", reason: null });
    expect(thread.items()[1]).toMatchObject({ status });
    expect(opened.output()).toMatch(output);
    expect(existsSync(opened.at("new.txt"))).toBe(isApplied);
  });

  test("that is cancelled ends the turn, and changes nothing", async () => {
    await using opened = await patched(byFunction, {
      settings: confined,
      answers: { "item/fileChange/requestApproval": () => ({ decision: "cancel" }) },
    });
    expect(await opened.thread.turn("patch")).toEqual({ status: "interrupted" });
    expect(opened.thread.items().map(({ type }) => type)).toEqual(["userMessage"]);
    expect(existsSync(opened.at("new.txt"))).toBe(false);
  });

  test("of files that were allowed for the session is not asked about again", async () => {
    const again = (line: string) =>
      calls("apply_patch", { input: `*** Begin Patch\n*** Add File: n\n+${line}\n*** End Patch` }, `call_${line}`);
    await using model = await scriptedModel([again("1")], [again("2")]);
    await using thread = await openThread({
      config: model.config(),
      settings: confined,
      answers: { "item/fileChange/requestApproval": () => ({ decision: "acceptForSession" }) },
    });
    await thread.turn("patch");
    expect(thread.told("item/fileChange/requestApproval")).toHaveLength(1);
    expect(readFileSync(join(thread.folder, "n"), "utf8")).toBe("2\n");
  });

  test("beyond the sandbox is refused where nobody may be asked", async () => {
    await using opened = await patched(byFunction, { settings: { ...confined, approvalPolicy: "never" } });
    expect(await opened.thread.turn("patch")).toEqual({ status: "completed" });
    expect(opened.output()).toMatch(/^the patch was not applied: /);
    expect(existsSync(opened.at("new.txt"))).toBe(false);
  });
});
