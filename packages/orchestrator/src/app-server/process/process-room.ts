import {
  COMMAND_OUTPUT_DEFAULT_BYTES,
  COMMAND_TIMEOUT_DEFAULT_MS,
  type ProcessExitedNotification,
  type ProcessSpawnParams,
  PTY_COLUMNS,
  PTY_ROWS,
} from "@holdfast/app-server-protocol";
import type { EnvironmentPolicy, Executor, StartOptions } from "@holdfast/exec-client";
import { absolutePath } from "../absolute-path.ts";
import { withoutNames } from "../command/command-settings.ts";
import { invalidParams, invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { checkSize } from "../hosted-process/check-size.ts";
import { ClientProcesses } from "../hosted-process/client-processes.ts";
import type { HostedProcess, HostedWhat } from "../hosted-process/hosted-process.ts";
import { inputData } from "../hosted-process/input-data.ts";
import { DETACHED_MAX_MS } from "../hosted-process/limits.ts";
import { KeptOutput, type StreamSink, ToldOutput } from "../hosted-process/output-sinks.ts";
import { PROCESS_WORDS } from "../hosted-process/process-words.ts";
import { localExecutor } from "../local-executor.ts";
import type { Room } from "../room.ts";

const INHERIT_ALL: EnvironmentPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};

/** `process/*`: programs of a client, not confined, whose end is told when it comes. */
export function processRoom(services: HostServices): Room {
  const processes = new ClientProcesses(PROCESS_WORDS, services.clock);
  return {
    handlers: {
      "process/spawn": async (params, call) => {
        checkSpawn(params);
        const { client } = call;
        const started = Promise.withResolvers<void>();
        const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
        processes
          .with(client, whatOf(params), async (process) => {
            const executor = await localExecutor(services);
            const { exited } = await spawn(process, params, { client, executor, answered });
            started.resolve();
            const told = await exited;
            await answered;
            client.notify("process/exited", told);
          })
          .catch(started.reject);
        await started.promise;
        call.afterAnswer(answer);
        return {};
      },
      "process/writeStdin": async (params, { client }) => {
        const data = inputData(params, PROCESS_WORDS);
        await processes.get(client, params.processHandle).write(data, params.closeStdin === true);
        return {};
      },
      "process/resizePty": async ({ processHandle, size }, { client }) => {
        checkSize(size, PROCESS_WORDS);
        await processes.get(client, processHandle).resize(size);
        return {};
      },
      "process/kill": async ({ processHandle }, { client }) => {
        await processes.get(client, processHandle).terminate();
        return {};
      },
    },
    left: (client) => processes.left(client),
    close: () => processes.close(),
  };
}

interface Spawner {
  readonly client: HostClient;
  readonly executor: Executor;
  /** Resolves when the client has been told that it is started: nothing of it is told before. */
  readonly answered: Promise<void>;
}

/** Start it. @returns `exited`: what is to be told of its end. @throws RpcFault - −32603: it could not be started. */
async function spawn(
  process: HostedProcess,
  params: ProcessSpawnParams,
  { client, executor, answered }: Spawner,
): Promise<{ readonly exited: Promise<ProcessExitedNotification> }> {
  const { processHandle, tty = false, streamStdoutStderr = false } = params;
  const isTold = tty || streamStdoutStderr;
  const capBytes = givenOr(params.outputBytesCap, COMMAND_OUTPUT_DEFAULT_BYTES) ?? Number.POSITIVE_INFINITY;
  const sinkOf = (stream: "stdout" | "stderr"): StreamSink =>
    isTold
      ? new ToldOutput(capBytes, client, {
          tell: (delta) => client.notify("process/outputDelta", { processHandle, stream, ...delta }),
          from: answered,
        })
      : new KeptOutput(capBytes, () => {});
  const [stdout, stderr] = [sinkOf("stdout"), sinkOf("stderr")];
  const timeoutMs = givenOr(params.timeoutMs, COMMAND_TIMEOUT_DEFAULT_MS) ?? undefined;
  const options = optionsOf(params, executor);
  const { ended } = await process.start({ executor, options, stdout, stderr, timeoutMs, isTold });
  // It can not be followed any more: how it ended is not known.
  const told = ended.catch(() => ({ exitCode: -1, isLeftOpen: true }));
  return {
    exited: told.then(({ exitCode, isLeftOpen }) => ({
      processHandle,
      exitCode,
      stdout: stdout.text(),
      stdoutCapReached: stdout.hasReachedCap,
      stderr: stderr.text(),
      stderrCapReached: stderr.hasReachedCap,
      outputDrainTimedOut: isLeftOpen,
    })),
  };
}

function whatOf({ processHandle: id, tty = false, streamStdin = false }: ProcessSpawnParams): HostedWhat {
  return { id, hasTerminal: tty, takesInput: tty || streamStdin };
}

function optionsOf(params: ProcessSpawnParams, { environment }: Executor): StartOptions {
  const { command: argv, cwd, tty = false, streamStdin = false, size } = params;
  const entries = Object.entries(params.env ?? {});
  const given = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  const unset = new Set(entries.filter(([, value]) => value === null).map(([name]) => name));
  const { rows, cols } = size ?? { rows: PTY_ROWS, cols: PTY_COLUMNS };
  return {
    argv,
    cwd: absolutePath(cwd, environment),
    env: Object.fromEntries(given),
    envPolicy: withoutNames(INHERIT_ALL, unset),
    ...(tty ? { terminal: { rows, columns: cols } } : { stdin: streamStdin ? "pipe" : "none" }),
    ...(environment.capabilities.holdfastProcessEnding ? { maxDetachedMs: DETACHED_MAX_MS } : {}),
  };
}

/** The rules for the members of `process/spawn`. @throws RpcFault */
function checkSpawn({ command, processHandle, tty, size, timeoutMs }: ProcessSpawnParams): void {
  if (command.length === 0) throw invalidRequest("command must not be empty");
  if (processHandle === "") throw invalidRequest("processHandle must not be empty");
  const given = size ?? undefined;
  if (given !== undefined && tty !== true) throw invalidParams("process/spawn size requires tty: true");
  if (typeof timeoutMs === "number" && timeoutMs < 0) {
    throw invalidParams(`process/spawn timeoutMs must be non-negative, got ${timeoutMs}`);
  }
  if (given !== undefined) checkSize(given, PROCESS_WORDS);
}

/** Left away it is the default; null means that there is none. */
function givenOr(value: number | null | undefined, byDefault: number): number | null {
  return value === undefined ? byDefault : value;
}
