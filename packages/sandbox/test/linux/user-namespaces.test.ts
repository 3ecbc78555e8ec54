import { mkdtempSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { type Entry, intentFor, managed, ROOT_READ, special } from "../support/intents.ts";
import { machineWithout, type OldMachine } from "../support/old-bubblewrap.ts";
import { runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const PROFILES: readonly (readonly [string, Entry])[] = [
  ["a workspace", managed([ROOT_READ, special("project_roots", "write")])],
  ["a workspace and the network", managed([ROOT_READ, special("project_roots", "write")], "enabled")],
  ["the whole disk", managed([special("root", "write")])],
];

describe.skipIf(machine === undefined)("no command makes a user namespace", () => {
  let ws: string;
  let old: OldMachine;

  beforeAll(async () => {
    ws = mkdtempSync("/var/tmp/sandbox-userns-");
    old = await machineWithout("--disable-userns");
  });

  afterAll(async () => {
    await old[Symbol.asyncDispose]();
    rmSync(ws, { recursive: true, force: true });
  });

  const machines: readonly (readonly [string, () => Machine])[] = [
    ["the bubblewrap that is here", () => machine as Machine],
    ["an old one", () => old.machine],
  ];
  const cases = machines.flatMap(([which, of]) => PROFILES.map(([what, entry]) => ({ which, of, what, entry })));
  const run = (of: () => Machine, entry: Entry, script: string) =>
    runPlan(plan(intentFor(entry, ws, { argv: ["sh", "-c", script] }), { ...of(), tmpdir: undefined }));

  test("which of the two keeps them away is known", () => {
    expect(old.machine.means).toMatchObject({ kind: "linux", bubblewrap: { canDisableUserNamespaces: false } });
    expect(machine?.means).toMatchObject({ kind: "linux", bubblewrap: { canDisableUserNamespaces: true } });
  });

  test.each(cases)("under $which, with $what to write", async ({ of, entry }) => {
    const script = "unshare -U echo made; unshare -Urm echo made; bwrap --ro-bind / / echo made; echo end";
    const { stdout, stderr } = await run(of, entry, script);
    expect(stdout).toBe("end\n");
    expect(stderr.match(/unshare failed/g)).toHaveLength(2);
    expect(stderr).toContain("bwrap: ");
  });

  test.each(machines)("children and threads are started as ever: %s", async (_, of) => {
    const script = "const { Worker } = require('worker_threads'); new Worker('console.log(1)', { eval: true })";
    const started = `sh -c 'echo 0'; '${process.execPath}' -e "${script}"`;
    const { stdout, stderr } = await run(of, PROFILES[0]?.[1] ?? {}, started);
    expect({ stdout, stderr }).toEqual({ stdout: "0\n1\n", stderr: "" });
  });
});
