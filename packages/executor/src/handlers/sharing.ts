import {
  type EmptyResult,
  type HoldfastAwaitInputParams,
  type HoldfastAwaitInputResult,
  type HoldfastGiveInputParams,
  type HoldfastInputHolder,
  type HoldfastListSharedParams,
  type HoldfastListSharedResult,
  type HoldfastReadSharedParams,
  type HoldfastReadSharedResult,
  type HoldfastResizeSharedParams,
  type HoldfastSignalSharedParams,
  type HoldfastSignalSharedResult,
  type HoldfastTakeInputParams,
  type HoldfastWriteSharedParams,
  type HoldfastWriteSharedResult,
  type Received,
  SHARED_WAIT_MAX_MS,
} from "@holdfast/exec-server-protocol";
import type { Audit } from "../audit.ts";
import { andThen, type Maybe } from "../maybe.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import type { ManagedProcess, ProcessSnapshot } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { knownProcess } from "./after-start.ts";
import { invalidParams, invalidRequest } from "./faults.ts";
import { checkId } from "./ids.ts";
import { wireSnapshot, writeResult } from "./process.ts";
import { listedProcesses } from "./process-control.ts";
import { terminalSize } from "./terminal-size.ts";

interface Named {
  readonly sessionId: string;
  readonly processId: string;
}

/** A process of somebody else, and who that is. */
interface Shared {
  readonly session: Session;
  readonly process: ManagedProcess;
}

/** @throws RpcFault −32600 for a session or a process that there is not. */
function shared({ sessionId, processId }: Named, { connection }: CallContext): Maybe<Shared> {
  const session = connection.sharedSession(sessionId);
  const find = (): Shared => {
    const process = session.process(processId);
    if (process === undefined) throw invalidRequest(`unknown process id ${processId}`);
    return { session, process };
  };
  return andThen(session.process(processId)?.whenStarted(), find);
}

function readShared(params: HoldfastReadSharedParams, context: CallContext): Maybe<HoldfastReadSharedResult> {
  return andThen(shared(params, context), ({ session, process }) => {
    const waitMs = Math.min(params.waitMs ?? 0, SHARED_WAIT_MAX_MS, session.longestLookMs);
    const { connection } = context;
    const request = { afterSeq: params.afterSeq ?? 0, maxBytes: params.maxBytes ?? undefined, waitMs };
    return andThen(connection.polls.read(process, request), (snapshot: ProcessSnapshot) => {
      // It may have ended meanwhile.
      connection.sharedSession(params.sessionId);
      const { size } = process.input;
      const terminal = size === undefined ? {} : { terminal: { rows: size.rows, columns: size.columns } };
      return { ...wireSnapshot(snapshot), ...terminal, input: holderOf(process, context) };
    });
  });
}

function holderOf({ input: { taker } }: ManagedProcess, { connection }: CallContext): HoldfastInputHolder {
  if (taker === undefined) return "owner";
  return taker === connection.session ? "self" : "other";
}

function listShared(params: HoldfastListSharedParams, { connection }: CallContext): HoldfastListSharedResult {
  const session = connection.sharedSession(params.sessionId);
  return { ...listedProcesses(session, params), isAttached: session.state.kind === "attached" };
}

function signalShared(params: HoldfastSignalSharedParams, context: CallContext): Maybe<HoldfastSignalSharedResult> {
  return andThen(shared(params, context), ({ process }) => ({
    delivered:
      params.signal === "SIGKILL" ? process.terminate({ includeDescendants: true }) : process.signal(params.signal),
  }));
}

function takeInput(params: HoldfastTakeInputParams, context: CallContext, audit: Audit): Maybe<EmptyResult> {
  return andThen(shared(params, context), ({ session, process }) => {
    const taker = context.connection.session;
    const { processId } = params;
    if (taker === session) throw invalidRequest("the session is this client's own: its input need not be taken");
    if (!process.hasInput) throw invalidRequest(`process ${processId} takes no input`);
    if (process.exit !== undefined) throw invalidRequest(`process ${processId} has ended`);
    if (process.input.isOver) throw invalidRequest(`process ${processId} takes no input any more`);
    const isNew = process.input.taker !== taker;
    if (!process.input.take(taker)) throw invalidRequest(`another client has taken the input of process ${processId}`);
    taker.hasTaken(process.input);
    if (isNew) audit.inputTaken(session.id, process, taker.id, context.connection.client);
    return {};
  });
}

function giveInput(params: HoldfastGiveInputParams, context: CallContext): Maybe<EmptyResult> {
  return andThen(shared(params, context), ({ process }) => {
    process.input.give(context.connection.session);
    return {};
  });
}

function writeShared(
  params: Received<HoldfastWriteSharedParams>,
  context: CallContext,
): Maybe<HoldfastWriteSharedResult> {
  if (params.writeId === "") throw invalidParams("writeId must not be empty");
  checkId("writeId", params.writeId);
  return andThen(shared(params, context), ({ process }) => {
    const taker = context.connection.session;
    const outcome = process.input.writeTaken(taker, params.writeId, asBuffer(params.chunk));
    if (outcome === undefined) throw notTaken(params);
    return andThen(outcome, writeResult);
  });
}

function resizeShared(params: HoldfastResizeSharedParams, context: CallContext): Maybe<EmptyResult> {
  const size = terminalSize(params);
  return andThen(shared(params, context), ({ process }) => {
    if (!process.facts.isTerminal) throw invalidRequest(`process ${params.processId} has no terminal`);
    if (!process.input.resizeTaken(context.connection.session, size)) throw notTaken(params);
    return {};
  });
}

function notTaken({ processId }: Named): Error {
  return invalidRequest(`the input of process ${processId} is not taken by this client: call holdfast/takeInput`);
}

function awaitInput(params: HoldfastAwaitInputParams, context: CallContext): Maybe<HoldfastAwaitInputResult> {
  const process = knownProcess(params.processId, context);
  const { input } = process;
  const answer = (): HoldfastAwaitInputResult => ({ isTaken: input.taker !== undefined });
  const waitMs = Math.min(params.waitMs ?? 0, SHARED_WAIT_MAX_MS);
  if (waitMs <= 0 || answer().isTaken !== params.isTaken || process.exit !== undefined) return answer();
  return context.connection.polls.wait({ watch: (changed) => input.watch(changed), waitMs, answer });
}

/** More than one client at a process: `holdfast/*` of `holdfastSharing`. */
export function sharingHandlers({ audit }: { readonly audit: Audit }) {
  return {
    "holdfast/readShared": readShared,
    "holdfast/listShared": listShared,
    "holdfast/signalShared": signalShared,
    "holdfast/takeInput": (params: HoldfastTakeInputParams, context: CallContext) => takeInput(params, context, audit),
    "holdfast/giveInput": giveInput,
    "holdfast/writeShared": writeShared,
    "holdfast/resizeShared": resizeShared,
    "holdfast/awaitInput": awaitInput,
  };
}
