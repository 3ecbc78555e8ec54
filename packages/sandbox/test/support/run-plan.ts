import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaunchPlan } from "../../src/index.ts";

/** How a run of a plan ended. */
export interface PlanOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Start what a plan says, with its descriptors and synthetic targets, and wait for its end. */
export async function runPlan(plan: LaunchPlan, input = ""): Promise<PlanOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-descriptors-"));
  const made = plan.syntheticTargets.filter(makeTarget);
  const fds: number[] = [];
  try {
    for (const { fd, content } of plan.descriptors) {
      const file = join(folder, String(fd));
      writeFileSync(file, content, { mode: 0o700 });
      fds[fd] = openSync(file, "r");
    }
    writeFileSync(join(folder, "stdin"), input);
    return await run(plan, fds, folder);
  } finally {
    for (const fd of fds) if (fd !== undefined) closeSync(fd);
    for (const target of made) takeAway(target);
    await rm(folder, { recursive: true, force: true });
  }
}

function makeTarget({ path, kind }: LaunchPlan["syntheticTargets"][number]): boolean {
  try {
    if (kind === "directory") mkdirSync(path);
    else writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Another run may have taken it away, or put something into it. */
function takeAway({ path, kind }: LaunchPlan["syntheticTargets"][number]): void {
  try {
    if (kind === "directory") rmdirSync(path);
    else if (statSync(path).size === 0) unlinkSync(path);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/**
 * Files instead of what Node calls pipes: those are sockets, and a command without network can not even ask what its own
 * input is when that is a socket.
 */
function run(plan: LaunchPlan, fds: readonly number[], folder: string): Promise<PlanOutcome> {
  const [stdout, stderr] = [join(folder, "stdout"), join(folder, "stderr")] as const;
  const streams = [openSync(join(folder, "stdin"), "r"), openSync(stdout, "w"), openSync(stderr, "w")];
  const extra = Array.from(fds.slice(3), (fd) => fd ?? "ignore");
  return new Promise((resolve, reject) => {
    const child = spawn(plan.file, [...plan.args], {
      cwd: plan.cwd,
      env: { ...plan.env },
      stdio: [...streams, ...extra],
      ...(plan.arg0 === undefined ? {} : { argv0: plan.arg0 }),
    });
    for (const stream of streams) closeSync(stream);
    child.on("error", reject).on("close", (exitCode) => {
      resolve({ exitCode, stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") });
    });
  });
}
