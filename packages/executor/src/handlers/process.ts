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
import type { CommandLimits, LaunchPlan, SandboxType } from "@holdfast/sandbox";
import { type ConfinedLaunch, type Spawn, toProcessFault } from "../confinement/index.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import {
  type Child,
  type ChildEvents,
  checkArgumentSize,
  childEnvironment,
  type DenialJudge,
  type EnvironmentLimits,
  type ManagedProcess,
  type ProcessSnapshot,
  type SpawnRequest,
  type StartTurns,
  spawnPipe,
  spawnPty,
  type WriteOutcome,
} from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { invalidParams, invalidRequest, toWireFault } from "./faults.ts";
import { checkId } from "./ids.ts";
import { networkProxyOf, type Proxied, startBesideProxy } from "./network-proxy.ts";
import { nativeCwd } from "./paths.ts";
import { contextOf, intentOf } from "./sandbox.ts";

/** What starting a process needs to know of the machine. */
export interface ProcessHandlerOptions {
  /** The executor's own environment, which a policy may let a child inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly environment: EnvironmentLimits;
  /** Shared by all connections: they share the event loop. */
  readonly turns: StartTurns;
  readonly confinement: ConfinedLaunch;
  readonly delay: Pick<Clock, "after">;
  /** What every confined command may take. Absent: no limits. */
  readonly commandLimits?: CommandLimits | undefined;
}

type Maybe<T> = T | Promise<T>;

/** How a start is carried out. */
interface Starter {
  readonly judge: DenialJudge | undefined;
  /** @throws SandboxError when the start must not happen as it was asked for. */
  spawn(process: ManagedProcess): Maybe<Child>;
  /** Known once it was started. */
  sandboxType(): SandboxType;
}

/** @param session - Nothing is to run that nobody owns: it may have ended while a start waited for its turn, its plan or a lock. */
function spawnFor(params: ProcessStartParams, session: Session): Spawn {
  return (request, events) => {
    session.checkAlive();
    return params.tty
      ? spawnPty(request, events)
      : spawnPipe(request, params.pipeStdin === true ? "pipe" : "null", events);
  };
}

function starter(
  params: ProcessStartParams,
  request: SpawnRequest,
  spawn: Spawn,
  { confinement, delay, commandLimits }: ProcessHandlerOptions,
): Starter {
  const config = networkProxyOf(params);
  const start = startOnce(params, spawn, confinement, commandLimits);
  const { judge, sandboxType } = start;
  return {
    judge: judge && { delay, wasDenied: judge },
    spawn: ({ events, serial }) => {
      const marked = { ...request, serial };
      if (config === undefined) return start.run({ request: marked, events });
      return startBesideProxy(config, marked, (proxied) => start.run({ ...proxied, events }));
    },
    sandboxType,
  };
}

interface Run extends Partial<Proxied> {
  readonly request: SpawnRequest;
  readonly events: ChildEvents;
}

function startOnce(
  params: ProcessStartParams,
  spawn: Spawn,
  confinement: ConfinedLaunch,
  limits: CommandLimits | undefined,
): { run(run: Run): Maybe<Child>; judge: DenialJudge["wasDenied"] | undefined; sandboxType(): SandboxType } {
  const sandbox = contextOf(params.sandbox);
  if (sandbox === undefined) {
    return {
      run: ({ request, events, ended }) => {
        const exited = (exitCode: number) => {
          ended?.();
          events.exited(exitCode);
        };
        return spawn(request, ended === undefined ? events : { ...events, exited });
      },
      judge: undefined,
      sandboxType: () => "none",
    };
  }
  let sandboxType: SandboxType = "none";
  return {
    judge: (outcome) => confinement.wasDenied({ ...outcome, sandboxType }),
    // Planned when its turn has come: for the files as they are then.
    run: ({ request, events, access, ended }) => {
      const intent = { ...intentOf(params, sandbox, request, access), limits };
      const run = (plan: LaunchPlan) => {
        sandboxType = plan.sandboxType;
        const started: Spawn = (wrapped, watched) => spawn({ ...wrapped, serial: request.serial }, watched);
        return confinement.start(plan, intent, events, started, ended);
      };
      const plan = confinement.plan(intent);
      return plan instanceof Promise ? plan.then(run) : run(plan);
    },
    sandboxType: () => sandboxType,
  };
}

/** Everything a start asks for that must not be dropped silently. */
function refuseUnsupported(params: ProcessStartParams): void {
  if (params.shellSnapshot !== undefined && params.shellSnapshot !== null) {
    throw invalidParams("`shellSnapshot` is not supported: this executor does not advertise `shellSnapshotV2`");
  }
}

function start(
  params: ProcessStartParams,
  context: CallContext,
  options: ProcessHandlerOptions,
): Maybe<ProcessStartResult> {
  const cwd = nativeCwd(params.cwd);
  checkId("processId", params.processId);
  refuseUnsupported(params);
  if (params.argv.length === 0) throw invalidParams("argv must not be empty");
  const refused = (thrown: unknown): never => {
    throw toWireFault(toProcessFault(thrown));
  };
  try {
    const request = {
      argv: params.argv,
      arg0: params.arg0 ?? undefined,
      cwd,
      env: childEnvironment(options.env, params.env, params.envPolicy ?? undefined, options.environment),
    };
    checkArgumentSize(request);
    const { session } = context.connection;
    const { judge, spawn, sandboxType } = starter(params, request, spawnFor(params, session), options);
    const result = (): ProcessStartResult => ({ processId: params.processId, sandboxType: sandboxType() });
    const identity = { id: params.processId, hasInput: params.tty || params.pipeStdin === true, judge };
    const started = session.startProcess(identity, (process) =>
      options.turns.run(session, () => {
        // Spares the plan.
        session.checkAlive();
        return spawn(process);
      }),
    );
    return started instanceof Promise ? started.then(result, refused) : result();
  } catch (thrown) {
    return refused(thrown);
  }
}

/** What is asked of a process waits until it was started: the client need not. */
function afterStart<Params extends { readonly processId: string }, Result>(
  act: (params: Params, context: CallContext) => Maybe<Result>,
): (params: Params, context: CallContext) => Maybe<Result> {
  return (params, context) => {
    const starting = context.connection.session.process(params.processId)?.whenStarted();
    return starting === undefined ? act(params, context) : starting.then(() => act(params, context));
  };
}

function knownProcess(processId: string, context: CallContext): ManagedProcess {
  const process = context.connection.session.process(processId);
  if (process === undefined) throw invalidRequest(`unknown process id ${processId}`);
  if (process.state.kind === "starting") throw invalidRequest(`process id ${processId} is starting`);
  return process;
}

function wireSnapshot(snapshot: ProcessSnapshot): ProcessReadResult {
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
    // Whoever asks for everything asks once.
    if (snapshot.isCut) session.sendFrom(process, snapshot.nextSeq);
    session.hasRead(process, afterSeq, maxBytes === undefined || snapshot.nextSeq >= process.nextSeq);
    return wireSnapshot(snapshot);
  };
  // Whoever waits for news has the rest.
  if (!process.hasNews(afterSeq)) context.connection.session.hasRead(process, afterSeq, true);
  const snapshot = context.connection.polls.read(process, { afterSeq, maxBytes, waitMs: params.waitMs ?? 0 });
  return snapshot instanceof Promise ? snapshot.then(answer) : answer(snapshot);
}

function writeResult(outcome: WriteOutcome): ProcessWriteResult {
  if (outcome === "accepted") return { status: "accepted" };
  if (outcome === "broken") throw new RpcFault(ERROR_CODES.InternalError, "failed to write to process stdin");
  throw new RpcFault(
    ERROR_CODES.InternalError,
    "failed to write to process stdin: too much waits for it already; write more when earlier writes are answered",
  );
}

function write(params: Received<ProcessWriteParams>, context: CallContext): Maybe<ProcessWriteResult> {
  if (params.writeId === "") throw invalidParams("writeId must not be empty");
  checkId("writeId", params.writeId);
  const process = context.connection.session.process(params.processId);
  if (process === undefined) return { status: "unknownProcess" };
  if (process.state.kind === "starting") return { status: "starting" };
  if (!process.hasInput) return { status: "stdinClosed" };
  const outcome = process.write(params.writeId, asBuffer(params.chunk));
  return outcome instanceof Promise ? outcome.then(writeResult) : writeResult(outcome);
}

function signal(params: ProcessSignalParams, context: CallContext): ProcessSignalResult {
  context.connection.session.process(params.processId)?.interrupt();
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
    "process/start": (params: ProcessStartParams, context: CallContext) => start(params, context, options),
    "process/read": afterStart(read),
    "process/write": afterStart(write),
    "process/signal": afterStart(signal),
    "process/terminate": afterStart(terminate),
    "holdfast/holdOutput": afterStart(holdOutput),
  };
}
