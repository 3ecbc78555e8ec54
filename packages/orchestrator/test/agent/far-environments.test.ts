import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { farExecutor } from "../support/far-executor.ts";
import { openThread } from "./support/open-thread.ts";
import { begin, calls, complete, type Entry, scriptedModel } from "./support/scripted-model.ts";

const SHELL = { login: false, shell: "/bin/sh" };

function outputOf(input: readonly Entry[] = [], id = "call_1"): string {
  return String(input.find((item) => item.type === "function_call_output" && item.call_id === id)?.output);
}

describe("a turn on another machine", () => {
  test("works in the folder there, and names each of several", async () => {
    await using folder = await tempDir();
    await using far = await farExecutor({ cwd: folder.path });
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "pwd", ...SHELL }, "call_1"),
      calls("exec_command", { cmd: "pwd", environment_id: "local", ...SHELL }, "call_2"),
      calls("apply_patch", { input: "*** Begin Patch\n*** Add File: made\n+there\n*** End Patch" }, "call_3"),
    ]);
    await using thread = await openThread({ config: model.config() });
    const handle = thread.environments.register({ id: "box", url: far.url });
    await handle.executor();
    const selections = [
      { environmentId: "box", cwd: folder.path },
      { environmentId: "local", cwd: thread.folder },
    ];
    expect(await thread.turn("where", { environments: selections })).toEqual({ status: "completed" });
    const { input } = model.calls[1]?.body ?? {};
    expect(outputOf(input, "call_1")).toContain(`\n${folder.path}\n`);
    expect(outputOf(input, "call_2")).toContain(`\n${thread.folder}\n`);
    expect(readFileSync(join(folder.path, "made"), "utf8")).toBe("there\n");
    const told = JSON.stringify(model.calls[0]?.body.input);
    expect(told).toContain('<environment id=\\"box\\" primary=\\"true\\">');
    expect(told).toContain('<environment id=\\"local\\" primary=\\"false\\">');
  });

  test("goes on over a line that is cut in the middle of a command, which runs once", async () => {
    await using folder = await tempDir();
    await using far = await farExecutor({ cwd: folder.path });
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "echo begun >>count; until [ -e go ]; do sleep 0.02; done; echo ended", ...SHELL }),
    ]);
    await using thread = await openThread({ config: model.config() });
    await thread.environments.register({ id: "box", url: far.url }).executor();
    const turn = thread.turn("run", { environments: [{ environmentId: "box", cwd: folder.path }] });
    await until(() => thread.told("item/started").length === 2);
    far.line.cut();
    writeFileSync(join(folder.path, "go"), "");
    expect(await turn).toEqual({ status: "completed" });
    expect(outputOf(model.calls[1]?.body.input)).toContain("ended");
    expect(thread.items()[1]).toMatchObject({ status: "completed", exitCode: 0 });
    expect(readFileSync(join(folder.path, "count"), "utf8")).toBe("begun\n");
  });

  test("that goes away in the middle says so by its calls: nothing is done on the next one in its place", async () => {
    await using folder = await tempDir();
    await using far = await farExecutor({ cwd: folder.path });
    let leave: (() => void) | undefined;
    const patch = "*** Begin Patch\n*** Add File: ran\n+x\n*** End Patch";
    await using model = await scriptedModel(
      [calls("exec_command", { cmd: "echo there", ...SHELL }, "call_1")],
      (answer) => {
        leave?.();
        begin(answer);
        complete(answer, { end_turn: false });
      },
      [
        calls("exec_command", { cmd: "touch ran", ...SHELL }, "call_2"),
        calls("apply_patch", { input: patch }, "call_3"),
        calls("view_image", { path: "x.png" }, "call_4"),
      ],
    );
    await using thread = await openThread({ config: model.config() });
    await thread.environments.register({ id: "box", url: far.url }).executor();
    leave = () => void thread.environments.remove("box");
    const environments = [
      { environmentId: "box", cwd: folder.path },
      { environmentId: "local", cwd: thread.folder },
    ];
    expect(await thread.turn("run", { environments })).toEqual({ status: "completed" });
    const { input } = model.calls[3]?.body ?? {};
    expect(outputOf(input, "call_1")).toContain("there");
    for (const id of ["call_2", "call_3", "call_4"])
      expect(outputOf(input, id)).toMatch(/environment `box`|environment id `box`/);
    expect(existsSync(join(thread.folder, "ran"))).toBe(false);
  });
});
