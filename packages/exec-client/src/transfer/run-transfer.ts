import { resolve } from "node:path";
import { abortedCall } from "../abortable.ts";
import type { Executor } from "../executor.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FolderOptions, TransferResult } from "./options.ts";
import { Problems } from "./problems.ts";
import type { Progress, Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";

/** Run a transfer with the options of a caller, and tell how it ended as the caller wants to be told. */
export async function runTransfer(
  executor: Executor,
  { source, destination }: { readonly source: Endpoint; readonly destination: Endpoint },
  options: FolderOptions & { readonly delete?: boolean | undefined },
  perform: (transfer: Transfer) => Promise<void>,
): Promise<TransferResult> {
  const { signal = new AbortController().signal, cwd = ".", onProblem, onWarning } = options;
  const told: string[] = [];
  const problems = new Problems((line, kind) => {
    if (kind === "warning") onWarning?.(line);
    else if (onProblem === undefined) told.push(line);
    else onProblem(line);
  });
  const progress = (name: string, totalBytes: number | undefined): Progress => progressOf(options, name, totalBytes);
  try {
    signal.throwIfAborted();
    const { exclude, gitignore, compare = "time", resume: isResumable = false, delete: isMirror = false } = options;
    const filter = { exclude, gitignore };
    const ways = { filter, compare, isResumable, isMirror };
    await perform({ executor, source, destination, cwd: resolve(cwd), signal, problems, progress, ...ways });
  } catch (error) {
    throw signal.aborted ? abortedCall("transfer", "unknown", signal) : error;
  }
  if (told.length > 0) throw incomplete(told, problems.count);
  return { problemCount: problems.count };
}

function progressOf({ onProgress }: FolderOptions, name: string, totalBytes: number | undefined): Progress {
  let transferredBytes = 0;
  const tell = (): void => onProgress?.({ name, transferredBytes, totalBytes });
  tell();
  return {
    advance(bytes) {
      transferredBytes += bytes;
      tell();
    },
    [Symbol.dispose]: () => {},
  };
}

function incomplete(problems: readonly string[], count: number): TransferError {
  const [first = ""] = problems;
  const more = count > 1 ? `; and ${count - 1} more, see problems` : "";
  return new TransferError(`${first}${more}`, { code: "incomplete", problems });
}
