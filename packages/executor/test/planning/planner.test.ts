import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { systemClock } from "@holdfast/rpc";
import { type Machine, plan, realFiles, type SandboxIntent } from "@holdfast/sandbox";
import { FakeClock } from "@holdfast/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Planner } from "../../src/planning/index.ts";

const LINUX: Machine["means"] = {
  kind: "linux",
  arch: "x64",
  bubblewrap: { path: "/usr/bin/bwrap", supportsArgv0: false, canMountProc: true },
};

function special(kind: string, access: string) {
  return { path: { type: "special", value: { kind } }, access };
}

function literal(path: string, access: string) {
  return { path: { type: "path", path: `file://${path}` }, access };
}

function glob(pattern: string) {
  return { path: { type: "glob_pattern", pattern }, access: "deny" };
}

describe("a planner", () => {
  let folder: string;
  let planner: Planner;
  let machine: Machine;

  beforeEach(() => {
    folder = mkdtempSync("/var/tmp/holdfast-planner-");
    planner = new Planner(systemClock);
    machine = { means: LINUX, files: realFiles(1000), uid: 1000, home: undefined, tmpdir: undefined };
  });

  afterEach(() => {
    planner.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const intentOf = (entries: readonly object[]): SandboxIntent => ({
    argv: ["true"],
    cwd: folder,
    env: { PATH: "/usr/bin" },
    context: parseFileSystemSandboxContext({
      permissions: {
        type: "managed",
        network: "restricted",
        file_system: {
          type: "restricted",
          entries: [special("root", "read"), special("project_roots", "write"), ...entries],
        },
      },
      cwd: `file://${folder}`,
      workspaceRoots: [`file://${folder}`],
      windowsSandboxLevel: "disabled",
    }),
  });
  const many = (length: number, path: (index: number) => string) =>
    Array.from({ length }, (_, index) => literal(path(index), "deny"));

  test("makes usual plans at once", () => {
    const intent = intentOf([glob("**/*.env"), literal(`${folder}/a`, "deny")]);
    expect(planner.plan(intent, machine)).toEqual(plan(intent, machine));
  });

  test("makes large plans elsewhere, and the same ones", async () => {
    for (let index = 0; index < 200; index += 1) mkdirSync(join(folder, `d${index}`));
    const intent = intentOf(many(300, (index) => `${folder}/d${index}`));
    const made = planner.plan(intent, machine);
    expect(made).toBeInstanceOf(Promise);
    expect(await made).toEqual(plan(intent, machine));
  });

  test("hands over a plan that turns out to look at many files", async () => {
    for (let index = 0; index < 2_100; index += 1) writeFileSync(join(folder, `f${index}`), "");
    writeFileSync(join(folder, "secret.env"), "");
    const intent = intentOf([glob("**/*.env")]);
    const made = planner.plan(intent, machine);
    expect(made).toBeInstanceOf(Promise);
    expect(await made).toEqual(plan(intent, machine));
  });

  test("goes on with everything else while it makes a large one", async () => {
    const deep = `/nowhere${"/folder".repeat(60)}`;
    let turns = 0;
    let isMade = false;
    const turn = (): void => {
      turns += 1;
      if (!isMade) setImmediate(turn);
    };
    const made = Promise.resolve(planner.plan(intentOf(many(500, (index) => `${deep}/${index}`)), machine));
    turn();
    await made.finally(() => {
      isMade = true;
    });
    expect(turns).toBeGreaterThan(10);
  });

  test("refuses in the same words wherever it plans", async () => {
    const intent = intentOf([glob("/**/*.env"), ...many(300, (index) => `/nowhere/${index}`)]);
    await expect(planner.plan(intent, machine)).rejects.toMatchObject({
      name: "SandboxError",
      code: "invalid",
      message: expect.stringMatching(/^unreadable glob `\/\*\*\/\*\.env` cannot be safely expanded/),
    });
  });

  test("gives a plan up that takes too long, and goes on with the next", async () => {
    const clock = new FakeClock();
    const patient = new Planner(clock);
    try {
      const deep = `/nowhere${"/x".repeat(1_900)}`;
      const large = intentOf(many(4_000, (index) => `${deep}/${index}`));
      const endless = expect(patient.plan(large, machine)).rejects.toMatchObject({
        code: "unenforceable",
        message: "the permissions could not be worked out within 10 s: use fewer entries or patterns",
      });
      const next = patient.plan(intentOf(many(300, (index) => `/nowhere/${index}`)), machine);
      await clock.advance(10_000);
      await endless;
      expect(await next).toMatchObject({ sandboxType: "linuxSeccomp" });
    } finally {
      patient.close();
    }
  });

  test("refuses a plan that can not be handed to its thread, and goes on with the next", async () => {
    const entries = many(300, (index) => `/nowhere/${index}`);
    const unsendable = { ...intentOf(entries), env: { PATH: Symbol("path") as unknown as string } };
    await expect((async () => planner.plan(unsendable, machine))()).rejects.toMatchObject({
      name: "SandboxError",
      code: "unenforceable",
      message: expect.stringMatching(/^no thread could work the permissions out: .*could not be cloned/),
    });
    expect(await planner.plan(intentOf(entries), machine)).toMatchObject({ sandboxType: "linuxSeccomp" });
  });

  test("lets so many wait and no more, and none when it is closed", async () => {
    const intent = intentOf(many(300, (index) => `/nowhere/${index}`));
    const waiting = Array.from({ length: 257 }, () => planner.plan(intent, machine));
    expect(() => planner.plan(intent, machine)).toThrow("more than 256 large profiles wait for their turn");
    planner.close();
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(() => planner.plan(intent, machine)).toThrow("the executor is shutting down");
  });
});
