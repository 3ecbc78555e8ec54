import { mkdir, readFile } from "node:fs/promises";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalRequest,
  type ExecSettings,
  UnifiedExec,
} from "../../src/index.ts";
import { type Workshop, type WorkshopOptions, workshop } from "./support/machine.ts";

interface Court extends Workshop {
  readonly requests: readonly ApprovalRequest[];
}

const REJECTED = "exec_command was not run: rejected by user";

/** Commands in a sandbox without any place to write to, and somebody who decides. */
async function court(
  approvalPolicy: ApprovalPolicy,
  decide: ApprovalDecision | (() => Promise<ApprovalDecision>) = "accept",
  options: WorkshopOptions = {},
): Promise<Court> {
  const requests: ApprovalRequest[] = [];
  const settings: ExecSettings = { sandbox: "read-only", login: false, approvalPolicy };
  const at = await workshop({
    settings,
    numbering: "counting",
    askApproval: (request) => {
      requests.push(request);
      return typeof decide === "function" ? decide() : decide;
    },
    ...options,
  });
  return { ...at, requests };
}

/** How often something was started, with a sandbox and without. */
function starts({ events }: Workshop): readonly boolean[] {
  return events.flatMap((event) => (event.type === "started" ? [event.sandboxed] : []));
}

const GRANULAR: ApprovalPolicy = { granular: { sandbox_approval: true } };
const WRITE = { cmd: "echo trying; echo new >file && cat file" };

describe("a command that its sandbox refuses something", () => {
  test.each(["never", "on-request", { granular: { sandbox_approval: false, rules: true } }] as const)(
    "has failed under the policy %j, and nobody is asked",
    async (policy) => {
      await using at = await court(policy);
      const result = await at.exec.exec(WRITE);
      expect(result.exitCode).not.toBe(0);
      expect(result).toMatchObject({ sandboxDenied: true, sessionId: undefined });
      expect(result.output).toContain("trying");
      expect(at.requests).toEqual([]);
      expect(starts(at)).toEqual([true]);
    },
  );

  test("runs once more without it when somebody says so, where sandbox approvals may be asked for", async () => {
    await using at = await court(GRANULAR);
    const result = await at.exec.exec(WRITE, { callId: "call_1" });
    expect(result).toMatchObject({ exitCode: 0, output: "trying\nnew\n", sandboxDenied: false });
    expect(at.requests).toMatchObject([
      {
        callId: "call_1",
        environmentId: "here",
        command: WRITE.cmd,
        cwd: at.folder.path,
        unsandboxed: true,
        reason: "command failed; retry without sandbox?",
        denied: { denial: { target: at.folder.join("file"), access: "write" } },
      },
    ]);
    expect(at.requests[0]?.denied?.output).toMatch(/^trying\n/);
    expect(starts(at)).toEqual([true, false]);
    expect(at.events.filter(({ type }) => type === "begin" || type === "end")).toMatchObject([
      { type: "begin" },
      { type: "end", status: "completed", exitCode: 0 },
    ]);
    expect(await readFile(at.folder.join("file"), "utf8")).toBe("new\n");
  });

  test("has the same number both times", async () => {
    await using at = await court(GRANULAR);
    await at.exec.exec(WRITE);
    const numbers = at.events.flatMap((event) => (event.type === "started" ? [event.processId] : []));
    expect(numbers).toEqual([1_000, 1_000]);
    expect(at.exec.list()).toEqual([]);
  });

  test.each(["decline", "cancel"] as const)("does not run again when somebody says %s", async (decision) => {
    await using at = await court(GRANULAR, decision);
    await expect(at.exec.exec(WRITE)).rejects.toMatchObject({ code: "rejected", message: REJECTED });
    expect(starts(at)).toEqual([true]);
    expect(at.events.at(-1)).toMatchObject({ type: "end", status: "declined", exitCode: undefined });
    expect(at.exec.list()).toEqual([]);
  });

  test("runs again unasked where it was approved before it ran", async () => {
    await using at = await court("untrusted");
    expect(await at.exec.exec(WRITE)).toMatchObject({ exitCode: 0, output: "trying\nnew\n" });
    expect(at.requests).toMatchObject([{ unsandboxed: false, reason: undefined, denied: undefined }]);
    expect(starts(at)).toEqual([true, false]);
  });

  test("is told as it is when it fails again without the sandbox", async () => {
    await using at = await court(GRANULAR);
    const result = await at.exec.exec({ cmd: "echo new >file && exit 5" });
    expect(result).toMatchObject({ exitCode: 5, sandboxDenied: false });
    expect(starts(at)).toEqual([true, false]);
  });

  test("that fails for another reason is not taken for one", async () => {
    await using at = await court(GRANULAR);
    expect(await at.exec.exec({ cmd: "exit 4" })).toMatchObject({ exitCode: 4, sandboxDenied: false });
    expect(at.requests).toEqual([]);
  });

  test("while nobody waits for it has failed", async () => {
    await using at = await court(GRANULAR);
    const gate = at.folder.join("gate");
    const cmd = `until [ -e ${gate} ]; do sleep 0.02; done; echo new >file`;
    const { sessionId = 0 } = await at.exec.exec({ cmd, yieldTimeMs: 250 });
    await at.executor.fs.writeTextFile(gate, "");
    expect(await at.exec.write({ sessionId, yieldTimeMs: 10_000 })).toMatchObject({ sandboxDenied: true });
    expect(at.requests).toEqual([]);
  });

  test("and that leaves something running does not take it for the second attempt", async () => {
    await using at = await court(GRANULAR);
    const cmd = "[ -e once ] || sleep 0.2 & echo new >file || exit 1; touch once; echo written";
    expect(await at.exec.exec({ cmd })).toMatchObject({ exitCode: 0, output: "written\n" });
    await until(() => at.events.some(({ type }) => type === "end"));
    expect(at.events.filter(({ type }) => type === "end")).toHaveLength(1);
  });
});

describe("a command that a model wants to run without its sandbox", () => {
  const escalated = {
    ...WRITE,
    sandboxPermissions: "require_escalated",
    justification: "It has to be written.",
  } as const;

  test.each(["on-request", GRANULAR, "untrusted"] as const)(
    "does so under the policy %j when somebody says so",
    async (policy) => {
      await using at = await court(policy);
      const prefixRule = ["echo"];
      expect(await at.exec.exec({ ...escalated, prefixRule })).toMatchObject({ exitCode: 0, output: "trying\nnew\n" });
      expect(at.requests).toMatchObject([{ unsandboxed: true, reason: "It has to be written.", prefixRule }]);
      expect(starts(at)).toEqual([false]);
    },
  );

  test("is not run when nobody says so", async () => {
    await using at = await court("on-request", "decline");
    await expect(at.exec.exec(escalated)).rejects.toThrow(REJECTED);
    expect(starts(at)).toEqual([]);
    expect(at.events.map(({ type }) => type)).toEqual(["begin", "end"]);
    expect(at.events.at(-1)).toMatchObject({ status: "declined" });
  });

  test.each([
    ["never", "Never"],
    [{ granular: { rules: true } }, "Granular without sandbox_approval"],
  ] as const)("is refused unasked under the policy %j", async (policy, name) => {
    await using at = await court(policy);
    await expect(at.exec.exec(escalated)).rejects.toThrow(
      `approval policy is ${name}; reject command — you cannot ask for escalated permissions if the approval policy is ${name}`,
    );
    expect(at.events).toEqual([]);
  });

  test.each([
    ["on-request", 0],
    [GRANULAR, 0],
    ["untrusted", 1],
  ] as const)("that it does not have runs under the policy %j with %i requests", async (policy, count) => {
    await using at = await court(policy, "accept", {
      settings: { sandbox: "none", login: false, approvalPolicy: policy },
    });
    expect(await at.exec.exec(escalated)).toMatchObject({ exitCode: 0 });
    expect(at.requests).toHaveLength(count);
  });

  test("is asked for once where the answer is for the session, and again for another command or folder", async () => {
    await using at = await court("on-request", "accept-for-session");
    await at.exec.exec(escalated);
    await at.exec.exec({ ...escalated, justification: "Again." });
    expect(at.requests).toHaveLength(1);
    await mkdir(at.folder.join("other"));
    await at.exec.exec({ ...escalated, workdir: at.folder.join("other") });
    await at.exec.exec({ ...escalated, cmd: "true" });
    expect(at.requests).toHaveLength(3);
  });
});

describe("a request for approval", () => {
  const silence = (): Promise<ApprovalDecision> => new Promise(() => {});

  test("that is never answered ends by its time, and the command is not run", async () => {
    const clock = new FakeClock();
    await using at = await court("untrusted", silence, { clock });
    const call = at.exec.exec(WRITE);
    const failed = expect(call).rejects.toThrow("nobody has answered the request for approval within 600 s");
    await until(() => at.requests.length > 0);
    await clock.advance(599_999);
    expect(at.events.map(({ type }) => type)).toEqual(["begin"]);
    await clock.advance(1);
    await failed;
    expect(starts(at)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("ends with its turn, and tells who was asked", async () => {
    let signalOfRequest: AbortSignal | undefined;
    await using at = await court("untrusted", silence, {
      askApproval: (_request, signal) => {
        signalOfRequest = signal;
        return silence();
      },
    });
    const controller = new AbortController();
    const call = at.exec.exec(WRITE, { signal: controller.signal });
    await until(() => signalOfRequest !== undefined);
    controller.abort(new Error("the turn was interrupted"));
    await expect(call).rejects.toThrow("the turn was interrupted");
    expect(signalOfRequest?.aborted).toBe(true);
    expect(at.events.map(({ type }) => type)).toEqual(["begin", "end"]);
  });

  test("ends when everything does", async () => {
    await using at = await court("untrusted", silence);
    const call = at.exec.exec(WRITE);
    const failed = expect(call).rejects.toThrow("commands are not run any more");
    await until(() => at.requests.length > 0);
    await at.exec.close();
    await failed;
  });

  test("that fails is a refusal", async () => {
    await using at = await court("untrusted", () => Promise.reject(new Error("the window was closed")));
    await expect(at.exec.exec(WRITE)).rejects.toThrow("the request for approval failed: the window was closed");
    expect(starts(at)).toEqual([]);
  });

  test("that nobody takes is a refusal", async () => {
    await using at = await court("untrusted", "accept", { askApproval: undefined });
    await expect(at.exec.exec(WRITE)).rejects.toThrow("nobody can be asked to approve it");
    expect(starts(at)).toEqual([]);
  });
});

test("an environment has a sandbox of its own where it says so", async () => {
  await using at = await workshop({ settings: { sandbox: "read-only", login: false } });
  const sandboxes = { closed: undefined, open: "none" } as const;
  const environments = (id = "closed") => ({
    id,
    executor: at.executor,
    cwd: at.folder.path,
    isRemote: true,
    sandbox: sandboxes[id as keyof typeof sandboxes],
  });
  await using exec = new UnifiedExec({ environments, settings: { sandbox: "read-only", login: false } });
  const write = { cmd: "echo x >file && echo done" };
  expect((await exec.exec(write)).exitCode).not.toBe(0);
  expect(await exec.exec({ ...write, environmentId: "open" })).toMatchObject({ exitCode: 0, output: "done\n" });
});
