import type {
  EmptyResult,
  HoldfastHoldOutputParams,
  ProcessReadParams,
  ProcessReadResult,
  ProcessSignalParams,
  ProcessSignalResult,
  ProcessStartParams,
  ProcessStartResult,
  ProcessTerminateParams,
  ProcessTerminateResult,
  ProcessWriteParams,
  ProcessWriteResult,
  Received,
} from "@holdfast/exec-server-protocol";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { type Clock, RpcFault } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import { toProcessFault } from "../confinement/index.ts";
import { andThen, type Maybe, orElse } from "../maybe.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import { beginningOf, commandPidOf, type ProcessSnapshot, type WriteOutcome } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { ProcessStarter } from "../start/index.ts";
import { afterStart, knownProcess } from "./after-start.ts";
import { invalidParams, toWireFault } from "./faults.ts";
import { checkId } from "./ids.ts";
import { type StartSurroundings, startRequest } from "./start-request.ts";

/** What the process handlers stand on. */
export interface ProcessHandlerOptions extends StartSurroundings {
  readonly starter: ProcessStarter;
  readonly audit: Audit;
  readonly delay: Pick<Clock, "after">;
}

function start(
  params: Received<ProcessStartParams>,
  context: CallContext,
  options: ProcessHandlerOptions,
): Maybe<ProcessStartResult> {
  return orElse(
    () => {
      const request = startRequest(params, options);
      const { client, session } = context.connection;
      const { processId, tty, pipeStdin, holdfast } = params;
      const maxDetachedMs = holdfast?.maxDetachedMs;
      const facts = {
        ...beginningOf(params.argv),
        cwd: params.cwd,
        isTerminal: tty,
        startedAtMs: Date.now(),
        ...(maxDetachedMs === undefined ? {} : { maxDetachedMs }),
      };
      const { terminalSize } = request;
      const hasInput = tty || pipeStdin === true;
      const process = session.reserve({ id: processId, hasInput, facts, terminalSize });
      const beyond = { argumentCount: params.argv.length - 1, user: holdfast?.user, client };
      return orElse(
        () => {
          const owned = { ...request, owner: session, serial: process.serial };
          return andThen(options.starter.start(owned, process.events), ({ child, sandboxType, judge }) => {
            process.adopt(child, judge);
            options.audit.commandStarted(session.id, process, { ...beyond, pid: child.pid, sandboxType });
            if (holdfast === undefined) return { processId, sandboxType };
            return andThen(commandPidOf(process, options.delay), (pid) => {
              return { processId, sandboxType, holdfast: pid === undefined ? {} : { pid } };
            });
          });
        },
        (thrown) => {
          session.abandon(process);
          options.audit.commandRefused(session.id, process, { ...beyond, reason: toProcessFault(thrown) });
          throw thrown;
        },
      );
    },
    (thrown) => {
      throw toWireFault(toProcessFault(thrown), { path: params.cwd });
    },
  );
}

/** What a reader is told. */
export function wireSnapshot(snapshot: ProcessSnapshot): ProcessReadResult {
  return {
    chunks: snapshot.chunks.map(({ seq, stream, data }) => ({ seq, stream, chunk: data.toString("base64") })),
    nextSeq: snapshot.nextSeq,
    exited: snapshot.exitCode !== undefined,
    exitCode: snapshot.exitCode ?? null,
    closed: snapshot.closed,
    failure: null,
    sandboxDenied: snapshot.sandboxDenied,
  };
}

function read(params: ProcessReadParams, context: CallContext): Maybe<ProcessReadResult> {
  const process = knownProcess(params.processId, context);
  const [afterSeq, maxBytes] = [params.afterSeq ?? 0, params.maxBytes ?? undefined];
  const answer = (snapshot: ProcessSnapshot): ProcessReadResult => {
    // While it waited, the session may have gone to another connection.
    const { session } = context.connection;
    // A read of everything is made once.
    if (snapshot.isCut) session.sendFrom(process, snapshot.nextSeq);
    session.hasRead(process, afterSeq, maxBytes === undefined || snapshot.nextSeq >= process.nextSeq);
    return wireSnapshot(snapshot);
  };
  // A read that waits for news has the rest.
  if (!process.hasNews(afterSeq)) context.connection.session.hasRead(process, afterSeq, true);
  const snapshot = context.connection.polls.read(process, { afterSeq, maxBytes, waitMs: params.waitMs ?? 0 });
  return andThen(snapshot, answer);
}

/** What is answered to a write. @throws RpcFault −32603 when it was not taken. */
export function writeResult(outcome: WriteOutcome): ProcessWriteResult {
  if (outcome === "accepted") return { status: "accepted" };
  if (outcome === "ended") return { status: "stdinClosed" };
  const reason = outcome === "broken" ? "" : `: ${outcome.busy}; write more when earlier writes are answered`;
  throw new RpcFault(ERROR_CODES.InternalError, `failed to write to process stdin${reason}`);
}

function write(params: Received<ProcessWriteParams>, context: CallContext): Maybe<ProcessWriteResult> {
  if (params.writeId === "") throw invalidParams("writeId must not be empty");
  checkId("writeId", params.writeId);
  const process = context.connection.session.process(params.processId);
  if (process === undefined) return { status: "unknownProcess" };
  if (process.state.kind === "starting") return { status: "starting" };
  if (!process.hasInput) return { status: "stdinClosed" };
  return andThen(process.write(params.writeId, asBuffer(params.chunk)), writeResult);
}

function signal(params: ProcessSignalParams, context: CallContext): ProcessSignalResult {
  context.connection.session.process(params.processId)?.signal("SIGINT");
  return {};
}

function holdOutput({ processId, held }: HoldfastHoldOutputParams, context: CallContext): EmptyResult {
  const process = knownProcess(processId, context);
  if (held) process.pauseOutput("client");
  else process.resumeOutput("client");
  return {};
}

function terminate(params: ProcessTerminateParams, context: CallContext): ProcessTerminateResult {
  const { processId, includeDescendants = false } = params;
  return { running: context.connection.session.process(processId)?.terminate({ includeDescendants }) ?? false };
}

/** `process/*`: wire values to the process domain and back. */
export function processHandlers(options: ProcessHandlerOptions) {
  return {
    "process/start": (params: Received<ProcessStartParams>, context: CallContext) => start(params, context, options),
    "process/read": afterStart(read),
    "process/write": afterStart(write),
    "process/signal": afterStart(signal),
    "process/terminate": afterStart(terminate),
    "holdfast/holdOutput": afterStart(holdOutput),
  };
}
