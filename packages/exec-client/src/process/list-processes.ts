import { InvalidMessageError } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { PathUri } from "@holdfast/path-uri";

/** A process of the session, whoever started it. */
export interface ListedProcess {
  /** For `attach`. */
  readonly id: string;
  /** Its id on the executor's machine. Undefined when it has ended, and while it is being confined. */
  readonly pid: number | undefined;
  /** The program and as many of its arguments as 1,024 characters hold. */
  readonly argv: readonly string[];
  /** Whether `argv` is only the beginning. */
  readonly isArgvCut: boolean;
  /** Its working folder at the start. Undefined: it is a TCP connection, and `argv` its host and port. */
  readonly cwd: PathUri | undefined;
  readonly isTerminal: boolean;
  /** By the clock of the executor's machine. */
  readonly startedAt: Date;
  /** Undefined while it runs. `128 + n` for one that died of signal `n`. */
  readonly exitCode: number | undefined;
  /** Whether all of its output has ended as well. */
  readonly isClosed: boolean;
}

/** Processes of one session that are listed: far more than any executor runs. */
const LISTED_MAX = 100_000;

/** All processes of a session, as many messages as it takes. @throws InvalidMessageError - It does not come to an end. */
export function listProcesses(
  stub: Pick<ExecServerClient, "holdfast">,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<ListedProcess[]> {
  return listPages("holdfast/listProcesses", (after) => stub.holdfast.listProcesses(after, { signal }));
}

/** The same, by the method that gives a page. */
export async function listPages(
  method: string,
  pageAfter: (after: { afterProcessId?: string }) => ReturnType<ExecServerClient["holdfast"]["listProcesses"]>,
): Promise<ListedProcess[]> {
  // By id: one that ends may be followed by another of the same id.
  const listed = new Map<string, ListedProcess>();
  for (let afterProcessId: string | undefined, hasMore = true; hasMore; ) {
    const page = await pageAfter(afterProcessId === undefined ? {} : { afterProcessId });
    const before = listed.size;
    for (const { processId, startedAtMs, exitCode, pid, cwd, ...rest } of page.processes) {
      listed.set(processId, {
        ...rest,
        id: processId,
        pid,
        cwd,
        startedAt: new Date(startedAtMs),
        exitCode: exitCode ?? undefined,
      });
    }
    afterProcessId = page.processes.at(-1)?.processId;
    // An executor that claims more and gives none must not be asked for ever.
    hasMore = page.hasMore && afterProcessId !== undefined;
    if (hasMore && listed.size === before) throw told(method, "the next page has nothing that was not told before");
    if (listed.size > LISTED_MAX) throw told(method, `there are more than ${LISTED_MAX} processes`);
  }
  return [...listed.values()];
}

function told(method: string, message: string): InvalidMessageError {
  return new InvalidMessageError(method, "result", { message, path: ["processes"] });
}
