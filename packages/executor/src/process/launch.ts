import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { programCandidates } from "@holdfast/sandbox";
import { startGuarded } from "../guardian/index.ts";
import { canReap, type ExitStatus, onChildExit } from "../platform/child-reaper.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { canPosixSpawn, posixSpawn, type SpawnDescriptors } from "../platform/posix-spawn.ts";
import { SpawnFault, type SpawnRequest } from "./child.ts";
import { ExtraDescriptors } from "./extra-descriptors.ts";
import { MAX_START_ATTEMPTS } from "./limits.ts";
import { hasProgramFormat } from "./program-format.ts";
import { checkLaunch, DEFAULT_PATH, notFound, whyNotRunnable } from "./resolve-program.ts";
import { spawnRefusal, spawnRefusalIn } from "./spawn-refusal.ts";
import { WorkingDirectory } from "./working-directory.ts";

/** Called once, when the leader's status was taken. */
export type LeaderEnded = (status: ExitStatus) => void;

/** True where children can be started on real pipes without a fork. */
export function canLaunchDirectly(): boolean {
  return canPosixSpawn() && canReap();
}

/** Go on with the next folder of `PATH`, as the C library does. */
const NOT_HERE = new Set(["ENOENT", "ENOTDIR", "ESTALE", "ENODEV", "EACCES"]);
const FIRST_EXTRA_DESCRIPTOR = 3;

/**
 * Start a program by `posix_spawn`, looked up in the child's own `PATH`.
 *
 * @throws SpawnFault
 */
export function launchDirectly(
  request: SpawnRequest,
  descriptors: Pick<SpawnDescriptors, "standard">,
  ended: LeaderEnded,
): number {
  const [program = "", ...args] = request.argv;
  refuseNul(request);
  const environment = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  using extra = extraDescriptors(request);
  const all = { ...descriptors, more: extra?.inherited };
  const argv = [request.arg0 ?? program, ...args];
  const attempt = (file: string) =>
    startGuarded(() => posixSpawn({ file, argv, environment, cwd: request.cwd, descriptors: all }), request.serial);
  const { files, isCut } = programCandidates(program, request.env.PATH ?? DEFAULT_PATH);
  const reasons: string[] = [];
  let attempts = 0;
  for (const [index, file] of files.entries()) {
    const refusal = files.length === 1 ? undefined : whyNotRunnable(seenFrom(request.cwd, file));
    // Where nothing was tried, the last one is, for the true reason.
    const isLastHope = attempts === 0 && index === files.length - 1;
    if (refusal !== undefined && !(isLastHope && NOT_HERE.has(refusal))) {
      reasons.push(refusal);
      continue;
    }
    const outcome = attempt(file);
    if (typeof outcome === "number") {
      onChildExit(outcome, ended);
      return outcome;
    }
    attempts += 1;
    reasons.push(outcome);
    if (!NOT_HERE.has(outcome) || attempts === MAX_START_ATTEMPTS) break;
  }
  throw notFound(reasons, { isCut, cwd: request.cwd, candidates: files.map((file) => seenFrom(request.cwd, file)) });
}

/** A relative candidate is meant from the child's working folder, whose name need not be text. */
function seenFrom(cwd: Buffer, file: string): string | Buffer {
  return file.startsWith("/") ? file : Buffer.concat([cwd, Buffer.from(`/${file}`)]);
}

function extraDescriptors({ descriptors = [], handed = [] }: SpawnRequest): ExtraDescriptors | undefined {
  return descriptors.length + handed.length === 0 ? undefined : new ExtraDescriptors(descriptors, handed);
}

/** What Node wants for the descriptors beyond the standard ones: an array without holes, by their numbers. */
function nodeStdio(extra: ExtraDescriptors | undefined): ("ignore" | number)[] {
  const inherited = extra?.inherited ?? [];
  const last = Math.max(...inherited.map(({ to }) => to), FIRST_EXTRA_DESCRIPTOR - 1);
  const numbers = Array.from({ length: last + 1 - FIRST_EXTRA_DESCRIPTOR }, (_, i) => FIRST_EXTRA_DESCRIPTOR + i);
  return numbers.map((number) => inherited.find(({ to }) => to === number)?.from ?? "ignore");
}

/** @throws SpawnFault for what no C string can be. */
export function refuseNul({ argv, arg0 = "", env }: Pick<SpawnRequest, "argv" | "arg0" | "env">): void {
  const hasNul = (text: string) => text.includes("\0");
  if (argv.some(hasNul) || hasNul(arg0) || Object.entries(env).flat().some(hasNul)) {
    throw new SpawnFault("nul byte found in provided data");
  }
}

/**
 * Start a program by Node's own means.
 *
 * @returns the child, or a promise that rejects: a missing program or folder is reported one turn later.
 * @throws SpawnFault
 */
export function launchByNode(
  request: SpawnRequest,
  stdio: readonly ("ignore" | "pipe" | number)[],
  ended: LeaderEnded,
): ChildProcess | Promise<never> {
  const [program = "", ...args] = request.argv;
  refuseNul(request);
  try {
    using cwd = new WorkingDirectory(request.cwd);
    if (!hasProgramFormat(checkLaunch(program, cwd.path, request.env))) throw spawnRefusal("ENOEXEC");
    using extra = extraDescriptors(request);
    const options = { cwd: cwd.path, env: request.env, stdio: [...stdio, ...nodeStdio(extra)], detached: true };
    const named = request.arg0 === undefined ? options : { ...options, argv0: request.arg0 };
    const child = startGuarded(() => spawn(program, args, named), request.serial);
    if (child.pid === undefined) {
      return new Promise((_, reject) => child.once("error", (error) => reject(faultFrom(error, request))));
    }
    child.on("exit", (code, signal) => ended({ code, signal: signal === null ? null : constants.signals[signal] }));
    child.on("error", () => {
      // Only a failed kill reports here once the child runs, and kills go to the group by id.
    });
    return child;
  } catch (thrown) {
    throw faultFrom(thrown, request);
  }
}

function faultFrom(thrown: unknown, { cwd }: SpawnRequest): SpawnFault {
  if (thrown instanceof SpawnFault) return thrown;
  const name = errnoName(thrown);
  if (name !== undefined && osErrorText(name) !== undefined) return spawnRefusalIn(cwd, name, { cause: thrown });
  return new SpawnFault(thrown instanceof Error ? thrown.message : "the process could not be started", {
    cause: thrown,
  });
}
