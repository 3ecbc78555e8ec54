import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Machine, plan, probeMachine } from "../../src/index.ts";
import { type Entry, glob, intentFor, managed, ROOT_READ, special } from "../support/intents.ts";
import { type PlanOutcome, runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const WORKSPACE = [ROOT_READ, special("project_roots", "write")];

describe.skipIf(machine === undefined)("what commands have to leave as it is", () => {
  let base: string;
  let ws: string;

  beforeEach(() => {
    base = mkdtempSync("/var/tmp/sandbox-own-");
    ws = `${base}/ws`;
    mkdirSync(`${ws}/node_modules/holdfast/dist`, { recursive: true });
    writeFileSync(`${ws}/node_modules/holdfast/dist/main.js`, "ours");
    writeFileSync(`${ws}/node_modules/node`, "ours");
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const sh = (script: string, entries: readonly Entry[] = WORKSPACE): Promise<PlanOutcome> => {
    const ownPlaces = [`${ws}/node_modules/holdfast/dist`, `${ws}/node_modules/node`, `${ws}/not/there`, "/usr/bin"];
    const intent = intentFor(managed(entries), ws, { argv: ["sh", "-c", script] });
    return runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined, ownPlaces }));
  };

  test("is the program that confines them, wherever it is installed, also for root", async () => {
    const { stdout } = await sh(`
      echo x >node_modules/holdfast/dist/main.js && echo written; echo x >node_modules/node && echo written
      rm -rf node_modules; mv node_modules n && echo moved; mv node_modules/holdfast node_modules/h && echo moved
      echo x >node_modules/holdfast/other && ls node_modules node_modules/holdfast`);
    expect(stdout).toBe("node_modules:\nholdfast\nnode\n\nnode_modules/holdfast:\ndist\nother\n");
    expect(readFileSync(`${ws}/node_modules/holdfast/dist/main.js`, "utf8")).toBe("ours");
    expect(readFileSync(`${ws}/node_modules/node`, "utf8")).toBe("ours");
    expect(readdirSync(ws)).toEqual(["node_modules"]);
  });

  test("is that program also where a link leads to it from outside", async () => {
    symlinkSync(`${ws}/node_modules/holdfast`, `${base}/installed`);
    const probed = await probeMachine({ env: process.env, cwd: "/", ownPlaces: [`${base}/installed/dist`] });
    const argv = ["sh", "-c", "echo x >node_modules/holdfast/dist/main.js"];
    await runPlan(plan(intentFor(managed(WORKSPACE), ws, { argv }), { ...probed, tmpdir: undefined }));
    expect(readFileSync(`${ws}/node_modules/holdfast/dist/main.js`, "utf8")).toBe("ours");
  });

  test("is the wrapper, also for root", async () => {
    const wrapper = (machine as Machine).means as { readonly bubblewrap: { readonly path: string } };
    const entries = [special("root", "write"), { path: { type: "path", path: `file://${base}` }, access: "read" }];
    const { stdout } = await sh(`[ -w ${wrapper.bubblewrap.path} ] && echo writable; true`, entries);
    expect(stdout).toBe("");
  });

  test("is everything after them: a link that a pattern matches does not hide the system from them", async () => {
    const { stdout, exitCode } = await sh("cat here.env; ls /etc/passwd", [...WORKSPACE, glob("**/*.env")]);
    expect({ stdout, exitCode }).toEqual({ stdout: "/etc/passwd\n", exitCode: 0 });
    for (const [name, target] of [
      ["a.env", "/lib64/ld-linux-x86-64.so.2"],
      ["b.env", "/etc/passwd"],
      ["c.env", "/bin/sh"],
      ["d.env", `${ws}/node_modules/node`],
    ] as const) {
      if (existsSync(target)) symlinkSync(target, `${ws}/${name}`);
    }
    const after = await sh("cat /etc/passwd >/dev/null && cat node_modules/node", [...WORKSPACE, glob("**/*.env")]);
    expect(after).toEqual({ stdout: "ours", stderr: "", exitCode: 0 });
  });

  test("is no excuse: a link to a file of the user still hides it", async () => {
    writeFileSync(`${base}/secret`, "hidden");
    symlinkSync("../secret", `${ws}/x.env`);
    const { stdout } = await sh(`cat x.env; cat ${base}/secret`, [...WORKSPACE, glob("**/*.env")]);
    expect(stdout).toBe("");
  });
});
