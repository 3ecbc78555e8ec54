import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LaunchPlan, type Machine, plan } from "../../src/index.ts";
import {
  type Entry,
  glob,
  intentFor,
  literal,
  managed,
  ROOT_READ,
  special,
  WORKSPACE_WRITE,
} from "../support/intents.ts";
import { type PlanOutcome, runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const RENAMEAT2 = process.arch === "x64" ? 316 : 276;
const REPLACED = /^holdfast: nothing was started: (\S+) is not what the command was to find there/;

/** Perl of a call that exchanges two names, as nothing but the kernel can. */
function exchange(a: string, b: string) {
  return `syscall(${RENAMEAT2}, -100, ${a}, -100, ${b}, 2)`;
}

describe.skipIf(machine === undefined)("no command can put something else in the place of", () => {
  let base: string;
  /** Below another folder that may be written, as every workspace in a temporary folder is. */
  let ws: string;

  beforeEach(() => {
    base = mkdtempSync("/var/tmp/sandbox-held-");
    ws = `${base}/x/ws`;
    mkdirSync(`${ws}/.git/hooks`, { recursive: true });
    mkdirSync(`${ws}/conf/deep`, { recursive: true });
    mkdirSync(`${ws}/certs`);
    writeFileSync(`${ws}/.git/config`, "of the user");
    writeFileSync(`${ws}/conf/deep/key`, "hidden");
    writeFileSync(`${ws}/certs/a.pem`, "hidden");
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const planned = (argv: readonly string[], entries: readonly Entry[] = []): LaunchPlan => {
    const all = [ROOT_READ, special("project_roots", "write"), literal(base, "write"), ...entries];
    return plan(intentFor(managed(all), ws, { argv }), { ...(machine as Machine), tmpdir: undefined });
  };
  const sh = (script: string, entries: readonly Entry[] = []): Promise<PlanOutcome> =>
    runPlan(planned(["sh", "-c", script], entries));

  const PLACES: Readonly<Record<string, { readonly path: string; readonly entries: () => Entry[] }>> = {
    "a writable folder in another one": { path: "x/ws", entries: () => [] },
    "a folder above it": { path: "x", entries: () => [] },
    "a folder above a hidden file": {
      path: "x/ws/conf",
      entries: () => [literal(`${ws}/conf/deep/key`, "deny")],
    },
    "the folder of a hidden file": {
      path: "x/ws/conf/deep",
      entries: () => [literal(`${ws}/conf/deep/key`, "deny")],
    },
    "a folder above a hidden folder": { path: "x/ws/conf", entries: () => [literal(`${ws}/conf/deep`, "deny")] },
    "a folder above a read-only one": { path: "x/ws/conf", entries: () => [literal(`${ws}/conf/deep`, "read")] },
    "a folder above a missing path that is denied": {
      path: "x/ws/conf/deep",
      entries: () => [literal(`${ws}/conf/deep/none`, "deny")],
    },
    "the folder of what a pattern matches": { path: "x/ws/certs", entries: () => [glob("certs/*.pem")] },
    "a folder above metadata of a reopened folder": {
      path: "x/ws/conf",
      entries: () => [literal(`${ws}/conf`, "read"), literal(`${ws}/conf/deep`, "write")],
    },
  };

  test.each(Object.entries(PLACES))("%s, by a rename, a removal or an exchange", async (_, { path, entries }) => {
    const at = `${base}/${path}`;
    const decoy = `${dirname(at)}/decoy`;
    mkdirSync(decoy);
    const script = `
      $! = 0; rename("${at}", "${at}.old"); print "$!\\n";
      $! = 0; rmdir("${at}"); print "$!\\n";
      $! = 0; rename("${decoy}", "${at}"); print "$!\\n";
      my ($a, $b) = ("${at}", "${decoy}"); $! = 0; ${exchange("$a", "$b")}; print "$!\\n"; symlink("/etc", "${at}");`;
    const { stdout, stderr } = await runPlan(planned(["perl", "-e", script], entries()));
    expect({ stdout, stderr }).toEqual({ stdout: "Device or resource busy\n".repeat(4), stderr: "" });
    expect(readdirSync(dirname(at))).toEqual(expect.arrayContaining(["decoy", basename(at)]));
  });

  test("the metadata of a workspace, by way of the workspace", async () => {
    const { stdout } = await sh(
      `cd / && mv ${ws} ${ws}.old && mkdir -p ${ws}/.git && echo evil >${ws}/.git/config; cat ${ws}/.git/config`,
    );
    expect(stdout).toBe("of the user");
  });

  test("what is hidden, for the command after it", async () => {
    const entries = [literal(`${ws}/conf/deep/key`, "deny"), glob("certs/*.pem")];
    await sh("mv conf c2; mv certs c3; mv conf/deep d2; mv conf/deep/key k", entries);
    const { stdout } = await sh("cat conf/deep/key certs/a.pem c2/deep/key c3/a.pem d2/key k", entries);
    expect(stdout).toBe("");
  });

  test("ordinary folders can be renamed as before", async () => {
    const { stdout, stderr } = await sh("mkdir -p one/two && mv one three && ls three && rm -r three");
    expect({ stdout, stderr }).toEqual({ stdout: "two\n", stderr: "" });
  });

  /** What somebody who may do so changes after the plan was made, and before its mounts are. */
  const SWAPS: Readonly<Record<string, { readonly place: string; swap(): void }>> = {
    "a workspace that is a link by then": {
      place: "x/ws",
      swap() {
        renameSync(ws, `${base}/x/aside`);
        symlinkSync("../outside", ws);
      },
    },
    "a workspace that is another folder by then": {
      place: "x/ws",
      swap() {
        renameSync(ws, `${base}/x/aside`);
        mkdirSync(`${ws}/.git/hooks`, { recursive: true });
      },
    },
    "a folder above, which is a link by then, though it leads to the very same workspace": {
      place: "x",
      swap() {
        renameSync(`${base}/x`, `${base}/outside/x`);
        symlinkSync("outside/x", `${base}/x`);
      },
    },
    "metadata that is another folder by then": {
      place: "x/ws/.git",
      swap() {
        renameSync(`${ws}/.git`, `${ws}/aside`);
        mkdirSync(`${ws}/.git`);
      },
    },
  };

  test.each(Object.entries(SWAPS))("%s: it is not started, and told why", async (_, { place, swap }) => {
    mkdirSync(`${base}/outside/.git`, { recursive: true });
    const made = planned(["sh", "-c", "echo x >made"]);
    swap();
    const { exitCode, stderr } = await runPlan(made);
    expect({ exitCode, place: REPLACED.exec(stderr)?.[1] }).toEqual({ exitCode: 125, place: `${base}/${place}` });
    expect(existsSync(`${base}/outside/made`)).toBe(false);
    expect(existsSync(`${ws}/made`)).toBe(false);
  });

  test("a hidden file whose folder is a link by then: it is not started", async () => {
    const made = planned(["cat", "conf/deep/key"], [literal(`${ws}/conf/deep/key`, "deny")]);
    renameSync(`${ws}/conf`, `${ws}/other`);
    symlinkSync("other", `${ws}/conf`);
    const { exitCode, stdout } = await runPlan(made);
    expect({ exitCode, stdout }).toEqual({ exitCode: 125, stdout: "" });
  });

  test("a workspace in a temporary folder, under the profile that clients send", async () => {
    const base = mkdtempSync("/tmp/sandbox-held-");
    mkdirSync(`${base}/ws/.git`, { recursive: true });
    writeFileSync(`${base}/ws/.git/config`, "of the user");
    try {
      const script = `mv ${base}/ws ${base}/old; mv ${base} ${base}.old; rm -rf ${base}/ws/.git; ln -sfn /etc ${base}/ws; ls ${base}`;
      const intent = intentFor(managed(WORKSPACE_WRITE), `${base}/ws`, { argv: ["sh", "-c", script] });
      const { stdout } = await runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
      expect(stdout).toBe("ws\n");
      expect(readFileSync(`${base}/ws/.git/config`, "utf8")).toBe("of the user");
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
});
