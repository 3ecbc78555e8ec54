import type { Executor, RunResult } from "@holdfast/exec-client";
import { HEADERS_HELPER_MAX_BYTES, HEADERS_HELPER_TIMEOUT_MS } from "./limits.ts";

/** Headers that say what a message is, where it goes, or which session it is of: a helper has no say in them. */
const RESERVED: ReadonlySet<string> = new Set([
  "accept",
  "connection",
  "content-length",
  "content-type",
  "host",
  "last-event-id",
  "mcp-protocol-version",
  "mcp-session-id",
  "transfer-encoding",
]);

/** A command that prints headers printed none. What it printed is not told, which may be a secret. */
export class HeadersHelperError extends Error {
  override readonly name = "HeadersHelperError";

  constructor(problem: string, options: { readonly cause?: unknown } = {}) {
    super(`http_headers_helper ${problem}`, options);
  }
}

/** Headers that a command prints, as one JSON object of texts; asked for when they are needed first, and anew when a server refuses them. */
export class HelperHeaders {
  readonly #command: string;
  readonly #executor: Pick<Executor, "sh">;
  #headers: Promise<Headers> | undefined;

  /** @param executor - Where the command runs: beside the orchestrator. */
  constructor(command: string, executor: Pick<Executor, "sh">) {
    this.#command = command;
    this.#executor = executor;
  }

  /** Those that it printed last, or prints now. @throws HeadersHelperError. */
  current(): Promise<Headers> {
    this.#headers ??= this.#ask().catch((error: unknown) => {
      this.#headers = undefined;
      throw error;
    });
    return this.#headers;
  }

  /** Forget those that were refused, unless others have been asked for meanwhile. */
  forget(refused: Promise<Headers>): void {
    if (this.#headers === refused) this.#headers = undefined;
  }

  async #ask(): Promise<Headers> {
    const { exitCode, stdout, truncated } = await this.#run();
    if (truncated) throw new HeadersHelperError(`printed more than ${HEADERS_HELPER_MAX_BYTES} bytes`);
    if (exitCode !== 0) throw new HeadersHelperError(`exited with status ${exitCode}`);
    return headersOf(stdout);
  }

  async #run(): Promise<RunResult> {
    try {
      const limits = { timeoutMs: HEADERS_HELPER_TIMEOUT_MS, maxOutputBytes: HEADERS_HELPER_MAX_BYTES };
      return await this.#executor.sh(this.#command, limits);
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === "TimeoutError";
      const limit = `timed out after ${HEADERS_HELPER_TIMEOUT_MS / 1_000} seconds`;
      throw new HeadersHelperError(isLate ? limit : "failed to run", { cause });
    }
  }
}

function headersOf(output: string): Headers {
  const entries = entriesOf(output);
  const headers = new Headers();
  for (const [name, value] of entries) {
    if (RESERVED.has(name.toLowerCase())) throw new HeadersHelperError("printed a reserved header");
    if (addHeader(headers, name, value)) continue;
    throw new HeadersHelperError("printed a header whose name or value is none");
  }
  return headers;
}

/** @returns False: it is none. @throws HeadersHelperError - It is there already. */
function addHeader(headers: Headers, name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
  } catch {
    return false;
  }
  if (headers.has(name)) throw new HeadersHelperError("printed a header twice");
  headers.set(name, value);
  return true;
}

function entriesOf(output: string): readonly (readonly [name: string, value: string])[] {
  const entries = Object.entries(jsonOf(output) ?? {});
  if (entries.length > 0 && entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) {
    return entries;
  }
  throw new HeadersHelperError("must print a JSON object of header names and values");
}

function jsonOf(output: string): object | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
