import {
  type HoldfastCloseStdinParams,
  type HoldfastCloseStdinResult,
  type HoldfastListedProcess,
  type HoldfastListProcessesParams,
  type HoldfastListProcessesResult,
  type HoldfastResizeTerminalParams,
  type HoldfastResizeTerminalResult,
  type HoldfastSignalProcessParams,
  type HoldfastSignalProcessResult,
  LISTED_CHARACTERS_MAX,
  LISTED_PROCESSES_MAX,
} from "@holdfast/exec-server-protocol";
import type { ManagedProcess } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { afterStart, knownProcess, knownProcessOf } from "./after-start.ts";
import { invalidParams, invalidRequest } from "./faults.ts";
import { terminalSize } from "./terminal-size.ts";

function closeStdin({ processId }: HoldfastCloseStdinParams, context: CallContext): HoldfastCloseStdinResult {
  const process = context.connection.session.process(processId);
  if (process === undefined) return { status: "unknownProcess" };
  if (!process.hasInput) return { status: "stdinClosed" };
  process.endInput();
  return { status: "accepted" };
}

function signalProcess(params: HoldfastSignalProcessParams, context: CallContext): HoldfastSignalProcessResult {
  const process = context.connection.session.process(params.processId);
  return { delivered: process?.signal(params.signal) ?? false };
}

function resizeTerminal(params: HoldfastResizeTerminalParams, context: CallContext): HoldfastResizeTerminalResult {
  const size = terminalSize(params);
  const process = knownProcess(params.processId, context);
  if (!process.resizeTerminal(size)) throw invalidRequest(`process ${params.processId} has no terminal`);
  return {};
}

function listProcesses(params: HoldfastListProcessesParams, context: CallContext): HoldfastListProcessesResult {
  return listedProcesses(context.connection.session, params);
}

/** One page of the processes of a session. @throws RpcFault for a limit or an id that can not be. */
export function listedProcesses(session: Session, params: HoldfastListProcessesParams): HoldfastListProcessesResult {
  const limit = params.limit ?? LISTED_PROCESSES_MAX;
  if (limit < 1 || limit > LISTED_PROCESSES_MAX) {
    throw invalidParams(`limit must be from 1 to ${LISTED_PROCESSES_MAX}, not ${limit}`);
  }
  const known = processesAfter(params.afterProcessId ?? undefined, session);
  const processes: HoldfastListedProcess[] = [];
  let characters = 0;
  for (const process of known) {
    characters += charactersOf(process);
    const isFull = processes.length === limit || (processes.length > 0 && characters > LISTED_CHARACTERS_MAX);
    if (isFull) return { processes, hasMore: true };
    processes.push(listed(process));
  }
  return { processes, hasMore: false };
}

/** Those whose start is over. */
function processesAfter(id: string | undefined, session: Session): readonly ManagedProcess[] {
  const all = session.processes();
  const first = id === undefined ? 0 : 1 + all.indexOf(knownProcessOf(session, id));
  return all.slice(first).filter(({ state }) => state.kind !== "starting");
}

/** What a word takes on the wire beside its characters. */
const QUOTES_AND_COMMA = 3;

function charactersOf({ id, facts }: ManagedProcess): number {
  const { argv, cwd = "" } = facts;
  return argv.reduce((sum, word) => sum + word.length + QUOTES_AND_COMMA, id.length + cwd.length);
}

function listed(process: ManagedProcess): HoldfastListedProcess {
  const { id, facts, exit, state, commandPid } = process;
  const { argv, isArgvCut, cwd, isTerminal, startedAtMs } = facts;
  const about = { processId: id, argv: [...argv], isArgvCut, isTerminal, startedAtMs };
  const known = { ...(commandPid === undefined ? {} : { pid: commandPid }), ...(cwd === undefined ? {} : { cwd }) };
  return { ...about, ...known, exitCode: exit?.exitCode ?? null, isClosed: state.kind === "closed" };
}

/** The extension that controls processes: `holdfast/*` of `holdfastProcessControl`. */
export const processControlHandlers = {
  "holdfast/closeStdin": afterStart(closeStdin),
  "holdfast/signalProcess": afterStart(signalProcess),
  "holdfast/resizeTerminal": afterStart(resizeTerminal),
  "holdfast/listProcesses": listProcesses,
};
