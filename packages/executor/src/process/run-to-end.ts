import type { Clock } from "@holdfast/rpc";
import type { ChildEvents, SpawnRequest } from "./child.ts";
import { spawnPipe } from "./spawn-pipe.ts";

/** What a short program said and how it ended. */
export interface EndedRun {
  /** Undefined when it took too long and was ended. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunToEndOptions {
  readonly delay: Pick<Clock, "after">;
  /** Milliseconds after which it is ended. */
  readonly timeoutMs: number;
  /** Bytes of each stream that are kept. */
  readonly maxBytes: number;
}

/** Run a program of this very program, without input, and wait for its end. @throws SpawnFault (or rejects with it) */
export async function runToEnd(
  request: SpawnRequest,
  { delay, timeoutMs, maxBytes }: RunToEndOptions,
): Promise<EndedRun> {
  const said = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  let exitCode: number | undefined;
  let hasEnded = false;
  const events: ChildEvents = {
    output: (stream, data) => {
      if (stream !== "pty") said[stream] = Buffer.concat([said[stream], data]).subarray(0, maxBytes);
    },
    exited: (code) => {
      exitCode = code;
      if (hasEnded) resolve(code);
      // What it left behind is not waited for.
      else child.abandonOutput();
    },
    ended: () => {
      hasEnded = true;
      if (exitCode !== undefined) resolve(exitCode);
    },
    inputBroken: () => {},
  };
  const child = await spawnPipe(request, "null", events);
  const timer = delay.after(timeoutMs, () => {
    child.kill();
    child.abandonOutput();
    resolve(undefined);
  });
  const code = await promise;
  timer.cancel();
  return { exitCode: code, stdout: said.stdout.toString(), stderr: said.stderr.toString() };
}
