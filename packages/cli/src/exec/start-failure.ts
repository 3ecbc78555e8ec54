import { type Executor, isLinkError, isNotFound, isRemoteError } from "@holdfast/exec-client";
import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";

/** As `env` and shells have it. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** How long to look what is wrong with the working folder. */
const LOOK_TIMEOUT_MS = 2_000;

/** What was to be started, and where. */
export interface AttemptedStart {
  readonly executor: Pick<Executor, "fs">;
  readonly program: string;
  /** Undefined where the executor chose it and does not tell. */
  readonly cwd: PathUri | undefined;
}

interface Cause {
  readonly exitCode: number;
  readonly advice: string;
}

const NOT_FOUND: Cause = { exitCode: EXIT_NOT_FOUND, advice: "check the name and PATH there" };
const NOT_PERMITTED: Cause = { exitCode: EXIT_NOT_EXECUTABLE, advice: "check its permissions there" };
const NOT_CONFINED: Cause = { exitCode: 1, advice: "leave out --sandbox to run it unconfined" };
const REFUSED: Cause = { exitCode: 1, advice: "the executor refused it" };

/** What an executor says since 0.171, in the error's `data.kind`. A kind without a row is told by its text. */
const BY_KIND: Readonly<Record<string, Cause>> = {
  spawnNotFound: NOT_FOUND,
  spawnPermissionDenied: NOT_PERMITTED,
  sandboxUnavailable: NOT_CONFINED,
  sandboxPreparation: NOT_CONFINED,
};

const BY_TEXT: readonly { readonly pattern: RegExp; readonly cause: Cause }[] = [
  { pattern: /os error 2\b|doesn't exist/, cause: NOT_FOUND },
  { pattern: /os error 13\b/, cause: NOT_PERMITTED },
  { pattern: /os error 8\b/, cause: { exitCode: EXIT_NOT_EXECUTABLE, advice: "it is no program for that machine" } },
  { pattern: /os error 20\b/, cause: { exitCode: EXIT_NOT_EXECUTABLE, advice: "check --cwd" } },
  { pattern: /sandbox/, cause: NOT_CONFINED },
];

/** What to tell about a command that did not start. Asks the executor when its own words leave open what is missing. */
export async function startFailure(error: unknown, attempt: AttemptedStart): Promise<Error> {
  if (error instanceof Error && "code" in error && error.code === "invalid-argument") {
    return new UsageError(reasonOf(error), { cause: error });
  }
  const what = `cannot start ${attempt.program}`;
  if (isLinkError(error)) {
    const advice = error.delivery === "not-sent" ? "it was not started" : "it may be running there";
    return new CommandFailure(`${what}: ${reasonOf(error)}; ${advice}`, { cause: error });
  }
  if (!isRemoteError(error)) return error instanceof Error ? error : new CommandFailure(`${what}: ${reasonOf(error)}`);
  const cause = causeOf(error);
  const { exitCode } = cause;
  const folder = cause === NOT_FOUND ? await missingFolder(attempt) : undefined;
  if (folder !== undefined) {
    return new CommandFailure(`${what}: there is no folder ${folder} there; check --cwd`, { exitCode, cause: error });
  }
  return new CommandFailure(`${what}: ${reasonOf(error)}; ${cause.advice}`, { exitCode, cause: error });
}

function causeOf(error: { readonly message: string; readonly data?: unknown }): Cause {
  const kind = kindOf(error.data);
  const known = kind !== undefined && Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : undefined;
  return known ?? BY_TEXT.find(({ pattern }) => pattern.test(error.message))?.cause ?? REFUSED;
}

function kindOf(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("kind" in data)) return undefined;
  return typeof data.kind === "string" ? data.kind : undefined;
}

/** The working folder when it is what was not found: the system has the same words for it and for the program. */
async function missingFolder({ executor, cwd }: AttemptedStart): Promise<string | undefined> {
  if (cwd === undefined) return undefined;
  try {
    await executor.fs.metadata(cwd, { timeoutMs: LOOK_TIMEOUT_MS });
    return undefined;
  } catch (error) {
    return isNotFound(error) ? nativePath(cwd) : undefined;
  }
}

function nativePath(uri: PathUri): string {
  try {
    return toNativePath(uri, "posix");
  } catch {
    return String(uri);
  }
}
