import { methodRow } from "@holdfast/exec-server-protocol";
import type { CallPolicy } from "@holdfast/rpc/client";
import { ANSWER_TIMEOUT_MS, COPY_COMMIT_TIMEOUT_MS, COPY_STEP_TIMEOUT_MS } from "../limits.ts";

/**
 * What an executor answers at once, or after some seconds without news, whatever the parameters. The others take as long as a disk, a far web server or a program that
 * does not read its input.
 */
const ANSWERED_AT_ONCE: ReadonlySet<string> = new Set([
  "process/start",
  "process/read",
  "process/signal",
  "process/terminate",
  "holdfast/closeListener",
  "holdfast/closeStdin",
  "holdfast/endProcess",
  "holdfast/listen",
  "holdfast/listProcesses",
  "holdfast/resizeTerminal",
  "holdfast/signalProcess",
  "holdfast/listShared",
  "holdfast/readShared",
  "holdfast/takeInput",
  "holdfast/giveInput",
  "holdfast/resizeShared",
  "holdfast/signalShared",
  "holdfast/awaitInput",
]);

/**
 * One step of a file or folder on its way: a block, a page, a folder of names. Nobody sets a time for each of them, and a disk that does
 * not answer would hold the whole copy for ever. A copy within the executor is as long as its file, and has none.
 */
const STEPS_OF_COPIES: ReadonlyMap<string, number> = new Map([
  ...[
    "stageFile",
    "stageFolder",
    "writeStaged",
    "addStaged",
    "putStaged",
    "discardStaged",
    "extractStaged",
    "openArchive",
    "readArchive",
    "closeArchive",
    "listTree",
    "digestFiles",
    "removeEntries",
  ].map((name) => [`holdfast/${name}`, COPY_STEP_TIMEOUT_MS] as const),
  ["holdfast/commitStaged", COPY_COMMIT_TIMEOUT_MS],
]);

/** What ends a process, or lets it go on: it must not wait for the writes and reads that it is to end. */
const URGENT: ReadonlySet<string> = new Set([
  "process/signal",
  "process/terminate",
  "holdfast/closeStdin",
  "holdfast/holdOutput",
  "holdfast/resizeTerminal",
  "holdfast/signalProcess",
  "holdfast/giveInput",
  "holdfast/resizeShared",
  "holdfast/signalShared",
]);

/** Nobody but who has asked knows of what they start. */
const STARTS: ReadonlySet<string> = new Set(["process/start", "holdfast/openConnection", "holdfast/openSocket"]);

/** Whether a call starts a process, or what is one to the client. */
export function isStart(method: string): boolean {
  return STARTS.has(method);
}

/** What holds for the calls of this API. */
export const CALL_POLICY: CallPolicy = { answerTimeoutOf, isUrgent, replaysOf };

/** Whether a call goes out though there are as many as may wait for their answers. */
export function isUrgent(method: string): boolean {
  return URGENT.has(method);
}

/** How long the answer to a call may take on one line, milliseconds. The time that it waits for a line does not count. */
export function answerTimeoutOf(method: string): number {
  return ANSWERED_AT_ONCE.has(method) ? ANSWER_TIMEOUT_MS : (STEPS_OF_COPIES.get(method) ?? Number.POSITIVE_INFINITY);
}

/** How many times a call of this method may be sent again: its row in the method table says. Of an unknown one: never. */
export function replaysOf(method: string): number {
  const replay = methodRow(method)?.replay;
  if (replay === "always") return Number.POSITIVE_INFINITY;
  return replay === "once" ? 1 : 0;
}
