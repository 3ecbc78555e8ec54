// A program that has no descriptor left while it looks for processes. Run by exhausted.test.ts.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { findHolder } from "../../src/admission/socket-holders.ts";
import { newDescent, startGuarded } from "../../src/guardian/index.ts";
import { isGone, processIdentity } from "../../src/platform/process-identity.ts";

const TURNS = 100;

/** Open files until the system refuses. @returns the function that closes them. */
function exhaust(): () => void {
  const held: number[] = [];
  for (;;) {
    try {
      held.push(openSync("/dev/null", "r"));
    } catch {
      return () => {
        for (const fd of held) closeSync(fd);
      };
    }
  }
}

const descent = newDescent();

function startOne(): number {
  const child = startGuarded(() => spawn("sleep", ["600"], { stdio: "ignore", detached: true }), descent.newSerial());
  child.unref();
  return child.pid ?? 0;
}

// More than are looked at in one turn.
const pids = Array.from({ length: 12 }, startOne);
const search = findHolder({ inode: 0, uid: process.geteuid?.() ?? 0, effort: "all" });
const own = processIdentity(process.pid) ?? "";
const release = exhaust();
const seemsGone = isGone(own);
const holder = await search.then(
  ({ kind }) => kind,
  ({ code }: { readonly code: string }) => code,
);
descent.endAll();
for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
release();
process.stdout.write(`${JSON.stringify({ pids, holder, seemsGone })}\n`);
process.stdin.resume();
