/* A process that adopts orphans as the first one of a container does. Prints how its own children ended, when no dead one is left. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { cLibrary } from "../../src/platform/c-library.ts";
import { onChildExit } from "../../src/platform/child-reaper.ts";
import { reapOrphans } from "../../src/platform/orphan-reaper.ts";
import { posixSpawn } from "../../src/platform/posix-spawn.ts";
import { childrenOf } from "../../src/platform/process-children.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const CHILDREN = 30;

const prctl = cLibrary()?.func("int prctl(int option, unsigned long value, long a, long b, long c)");
if (prctl?.(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("prctl failed");
reapOrphans();

const numbers = Array.from({ length: CHILDREN }, (_, number) => number);
const byNode = numbers.map(async (number) => (await once(spawn("sh", ["-c", `exit ${number}`]), "exit"))[0]);
const direct = numbers.map((number) => {
  const standard = { stdin: "null", stdout: 1, stderr: 2 } as const;
  const argv = ["sh", "-c", `exit ${number}`];
  const options = { environment: [], cwd: Buffer.from("/"), descriptors: { standard } };
  const pid = posixSpawn({ file: "/bin/sh", argv, ...options });
  if (typeof pid === "string") throw new Error(pid);
  return new Promise((resolve) => onChildExit(pid, ({ code }) => resolve(code)));
});
// Children end, and so do orphans, while this process hears of nothing for longer than it leaves the dead alone.
const script = `for i in $(seq ${CHILDREN}); do (setsid sh -c : >/dev/null 2>&1 &); done; sleep 2.5`;
spawnSync("sh", ["-c", script]);
const adopted = deadCount();
const codes = await Promise.all([...byNode, ...direct]);
await until(() => deadCount() === 0);
process.stdout.write(JSON.stringify({ adopted, codes }));

function deadCount(): number {
  return childrenOf(process.pid).filter((pid) => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))).length;
}
