import { closeSync, fchownSync } from "node:fs";
import type { Readable } from "node:stream";
import { makePipe, type PipeEnds } from "../platform/descriptors.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { type Child, type ChildEvents, SpawnFault, type SpawnRequest } from "./child.ts";
import { InputPipe } from "./input-pipe.ts";
import { canLaunchDirectly, launchByNode, launchDirectly } from "./launch.ts";
import type { OpenOutput } from "./output-reader.ts";
import { PipeChild, pipeOutput } from "./pipe-child.ts";
import { spawnRefusal } from "./spawn-refusal.ts";

/**
 * Start a program behind pipes.
 *
 * The pipes are real ones where the C library can be called: Node's own are sockets, which a child can not reopen by
 * name, so that `echo >/dev/stderr` would fail. A child that could be started is returned at once, so that what
 * follows in the same turn finds it running.
 *
 * @param input - `pipe` gives the child a writable standard input; `null` an immediate end of file.
 * @throws SpawnFault (or rejects with it) with the operating system's reason.
 */
export function spawnPipe(request: SpawnRequest, input: "pipe" | "null", events: ChildEvents): Child | Promise<Child> {
  if (request.argv[0] === "") throw new SpawnFault("missing program for pipe spawn");
  return canLaunchDirectly() ? spawnDirectly(request, input, events) : spawnByNode(request, input, events);
}

/** Descriptors to close when a start fails, and the child's ends once it has them. */
class Pipes {
  readonly #open = new Set<number>();

  make(): PipeEnds {
    const ends = makePipe();
    if (ends === undefined) throw new SpawnFault("no pipe could be made");
    for (const end of ends) this.#open.add(end);
    return ends;
  }

  /** This end now belongs to someone who will close it. */
  release(end: number): number {
    this.#open.delete(end);
    return end;
  }

  closeRest(): void {
    for (const end of this.#open) closeSync(end);
    this.#open.clear();
  }
}

function spawnDirectly(request: SpawnRequest, input: "pipe" | "null", events: ChildEvents): Child {
  const pipes = new Pipes();
  let child: PipeChild | undefined;
  try {
    const stdin = input === "pipe" ? pipes.make() : undefined;
    const [stdout, stderr] = [pipes.make(), pipes.make()];
    if (request.streamOwner !== undefined)
      giveTo(request.streamOwner, [stdout, stderr, ...(stdin === undefined ? [] : [stdin])]);
    const standard = { stdin: stdin?.[0] ?? "null", stdout: stdout[1], stderr: stderr[1] } as const;
    const pid = launchDirectly(request, { standard }, (status) => child?.leaderEnded(status));
    const reader = ([end]: PipeEnds): OpenOutput => pipeOutput(pipes.release(end));
    const writer = ([, end]: PipeEnds) => InputPipe.on(pipes.release(end));
    const streams = {
      stdin: stdin === undefined ? null : writer(stdin),
      stdout: reader(stdout),
      stderr: reader(stderr),
    };
    child = new PipeChild(pid, streams, events, request.shape);
    return child;
  } catch (thrown) {
    if (thrown instanceof SpawnFault) throw thrown;
    const code = errnoName(thrown);
    if (code !== undefined && osErrorText(code) !== undefined) throw spawnRefusal(code, { cause: thrown });
    throw new SpawnFault("the process could not be started", { cause: thrown });
  } finally {
    pipes.closeRest();
  }
}

/** Both ends of a pipe are one file. */
function giveTo({ uid, gid }: NonNullable<SpawnRequest["streamOwner"]>, pipes: readonly PipeEnds[]): void {
  for (const [end] of pipes) fchownSync(end, uid, gid);
}

function spawnByNode(request: SpawnRequest, kind: "pipe" | "null", events: ChildEvents): Child | Promise<Child> {
  let child: PipeChild | undefined;
  const stdin = kind === "pipe" ? "pipe" : "ignore";
  const started = launchByNode(request, [stdin, "pipe", "pipe"], (status) => child?.leaderEnded(status));
  if (started instanceof Promise) return started;
  const { pid, stdout, stderr } = started;
  if (pid === undefined || stdout === null || stderr === null) throw new SpawnFault("the process has no streams");
  const reader =
    (stream: Readable): OpenOutput =>
    (data) =>
      stream.on("data", data);
  const input = started.stdin === null ? null : new InputPipe(started.stdin);
  const streams = { stdin: input, stdout: reader(stdout), stderr: reader(stderr) };
  child = new PipeChild(pid, streams, events, request.shape);
  return child;
}
