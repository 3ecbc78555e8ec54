import type { Environment, Executor, Sandbox } from "@holdfast/exec-client";
import { displayPath } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import type { ExecArguments, ExecEnvironment, ExecSettings } from "../../src/index.ts";
import { planCommand } from "../../src/unified-exec/command-plan.ts";

const THREAD = "0190a1b2-0000-7000-8000-000000000001";

/** An environment with an executor that is only looked at. */
function environment(facts: Partial<Environment>, more: Partial<ExecEnvironment> = {}): ExecEnvironment {
  const told = { shell: { name: "bash", path: "/bin/bash" }, pathConvention: "posix", capabilities: {}, ...facts };
  return { id: "there", executor: { environment: told } as Executor, cwd: "/repo", isRemote: true, ...more };
}

const WINDOWS = environment(
  { platformOs: "windows", pathConvention: "windows", shell: { name: "powershell", path: "C:\\ps\\powershell.exe" } },
  { cwd: "C:\\repo" },
);

function plan(args: Partial<ExecArguments>, at = environment({}), settings: ExecSettings = {}) {
  return planCommand({ cmd: "true", ...args }, at, { callId: "call_1", settings });
}

function sandboxOf(at: ExecEnvironment, settings: ExecSettings = {}): Sandbox | undefined {
  return plan({ workdir: "/" }, at, settings).sandbox;
}

describe("the plan of a command", () => {
  test("is for the shell and the paths of its executor", () => {
    expect(plan({}).argv).toEqual(["/bin/bash", "-lc", "true"]);
    expect(plan({ login: false }).argv).toEqual(["/bin/bash", "-c", "true"]);
    expect(plan({}, environment({}, { shell: { name: "zsh", path: "/bin/zsh" } })).argv[0]).toBe("/bin/zsh");
    expect(plan({ shell: "fish" }).argv[0]).toBe("fish");
    expect(plan({}, environment({}), { login: false }).argv).toEqual(["/bin/bash", "-c", "true"]);
    expect(plan({}, WINDOWS).argv).toEqual(["C:\\ps\\powershell.exe", "-Command", "true"]);
    expect(plan({ login: false }, WINDOWS).argv).toEqual(["C:\\ps\\powershell.exe", "-NoProfile", "-Command", "true"]);
    expect(plan({ shell: "cmd.exe" }, WINDOWS).argv).toEqual(["cmd.exe", "/c", "true"]);
    expect(displayPath(plan({ workdir: "src\\a" }, WINDOWS).cwd)).toBe("C:\\repo\\src\\a");
    expect(displayPath(plan({ workdir: "src" }, environment({}, { cwd: "file:///repo" })).cwd)).toBe("/repo/src");
  });

  test("waits longer on Windows, whose shells take seconds to begin", () => {
    expect([plan({}).yieldMs, plan({ yieldTimeMs: 1 }).yieldMs]).toEqual([10_000, 250]);
    expect([plan({}, WINDOWS).yieldMs, plan({ yieldTimeMs: 1 }, WINDOWS).yieldMs]).toEqual([10_000, 10_000]);
  });

  test("has the sandbox of the environment, or of the settings, with the folder of the environment as its workspace", () => {
    const workspace = { cwd: "file:///repo", workspaceRoots: ["file:///repo"] };
    expect(sandboxOf(environment({}))).toMatchObject({ permissions: { type: "managed" }, ...workspace });
    expect(sandboxOf(environment({}), { sandbox: "none" })).toBeUndefined();
    expect(sandboxOf(environment({}, { sandbox: "read-only" }), { sandbox: "none" })).toMatchObject(workspace);
    expect(sandboxOf(environment({}, { sandbox: "none" }), { sandbox: "read-only" })).toBeUndefined();
    expect(sandboxOf(environment({}, { sandbox: { write: ["out"] } }))).toMatchObject({ write: ["/repo/out"] });
  });

  test("tells a command that it has no network, where the sandbox is the reason", () => {
    const told = (sandbox: Sandbox) => {
      const made = plan({}, environment({}, { sandbox }));
      return made.startOptions("1000-x", made.sandbox).env?.CODEX_SANDBOX_NETWORK_DISABLED;
    };
    expect([told("read-only"), told({ write: ["."] })]).toEqual(["1", "1"]);
    expect([told("none"), told({ network: true }), told({ network: { allow: ["a.example"] } })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("names the thread to executors that want to know, by ids that they take", () => {
    const metadata = (threadId?: string) =>
      plan({}, environment({}), { threadId }).startOptions("x", undefined).metadata;
    expect(metadata()).toBeUndefined();
    expect(metadata("t1")).toBeUndefined();
    expect(metadata(THREAD)).toEqual({ threadId: THREAD, toolCallId: "call_1" });
  });

  test("says how long a command may run on alone to executors that can end it then", () => {
    const able = environment({ capabilities: { holdfastProcessEnding: true } as Environment["capabilities"] });
    const told = (at: ExecEnvironment, settings: ExecSettings) =>
      plan({}, at, settings).startOptions("x", undefined).maxDetachedMs;
    expect(told(able, { maxDetachedMs: 3_000 })).toBe(3_000);
    expect(told(able, {})).toBeUndefined();
    expect(told(environment({}), { maxDetachedMs: 3_000 })).toBeUndefined();
  });

  test("has no more output than is allowed", () => {
    expect(plan({}).maxOutputTokens).toBe(10_000);
    expect(plan({ maxOutputTokens: 50_000 }).maxOutputTokens).toBe(10_000);
    expect(plan({ maxOutputTokens: 5 }).maxOutputTokens).toBe(5);
    expect(plan({ maxOutputTokens: 50_000 }, environment({}), { maxOutputTokens: 20_000 }).maxOutputTokens).toBe(
      20_000,
    );
  });

  test("is refused where its folder or its sandbox can not be", () => {
    expect(() => plan({}, environment({}, { cwd: "repo" }))).toThrow(/^the folder of environment `there` is none: /);
    expect(() => plan({}, environment({}, { sandbox: { write: ["*"] } }))).toThrow(
      /^Failed to create unified exec process: sandbox: write: "\*" is a pattern/,
    );
  });
});
