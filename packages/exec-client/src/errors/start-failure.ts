import { holdfastFault, type ProcessStartParams, processStartErrorData } from "@holdfast/exec-server-protocol";
import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import { isRemoteError, type RemoteError } from "@holdfast/rpc";
import { withCallersStack } from "./callers-stack.ts";
import { REFUSED } from "./refusal.ts";
import { CommandNotFoundError, StartError, type StartErrorReason } from "./start-error.ts";
import { inSentence, systemErrorIn } from "./system-error.ts";

/** What a client looks at to find out what an executor does not say. */
export interface StartLook {
  /** System of the executor; undefined when it does not tell. */
  readonly platformOs: string | undefined;
  /** What is at a path: undefined when nothing is, or when it can not be told. */
  kindOf(path: PathUri): Promise<"folder" | "other" | "missing" | undefined>;
}

type Attempt = Pick<ProcessStartParams, "argv" | "cwd">;

interface Cause {
  readonly code: string;
  readonly reason: StartErrorReason;
  readonly words: string;
}

const FOLDER_OR_PROGRAM: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EPERM", "ENOTDIR"]);
/** How terminals of releases before 0.160 say that there is no such program. */
const UNRESOLVED = /^Unable to spawn/;
const NAMED = /\((E[A-Z0-9]+): /;
const ABOUT_SANDBOX = /sandbox/i;

/**
 * What a start is to fail with: `StartError` for a refusal. Anything else stays, with the stack of the caller.
 *
 * An executor that does not say what is missing is asked for its folder, and for the program where its place is known.
 */
export async function toStartError(error: unknown, attempt: Attempt, look: StartLook): Promise<unknown> {
  if (!isRemoteError(error)) return withCallersStack(error);
  const { code, reason, words } = await causeOf(error, attempt, look);
  const { argv } = attempt;
  const cwd = displayPath(attempt.cwd);
  const details = { code, reason, argv, cwd, syscall: holdfastFault(error.data)?.syscall };
  const [program = ""] = argv;
  const message = `${code === REFUSED ? "" : `${code}: `}cannot start ${program}: ${whyNot({ code, reason, words }, cwd)}`;
  const isUnknownCommand = reason === "program" && code === "ENOENT";
  const Family = isUnknownCommand ? CommandNotFoundError : StartError;
  return new Family(message, details, { cause: error });
}

function whyNot({ code, reason, words }: Cause, cwd: string): string {
  if (reason === "cwd") {
    if (code === "ENOENT") return `there is no working folder ${cwd}`;
    if (code === "ENOTDIR") return `the working folder ${cwd} is no folder`;
    return `the working folder ${cwd} can not be used: ${inSentence(words)}`;
  }
  if (reason === "interpreter") return "the interpreter that its first line names is missing or may not be run";
  if (reason !== "program") return inSentence(words);
  if (code === "ENOENT") return "there is no such command; check its name and the PATH of its environment";
  if (code === "ENOEXEC") return "it is no program for that machine";
  return `${inSentence(words)}; check that it is a file that may be run`;
}

async function causeOf(error: RemoteError, attempt: Attempt, look: StartLook): Promise<Cause> {
  const { message, data } = error;
  const fault = holdfastFault(data);
  const told = processStartErrorData(data);
  const system = systemErrorIn(message, look.platformOs);
  const words = system?.words ?? message;
  const code = fault?.code ?? system?.code ?? codeInWords(message) ?? codeOfKind(told?.kind) ?? REFUSED;
  if (fault?.reason !== undefined) return { code, words, reason: fault.reason };
  if (told?.kind === "sandboxUnavailable" || told?.kind === "sandboxPreparation") {
    return { code, words, reason: "sandbox" };
  }
  if (told?.member !== undefined) return { code, words, reason: told.member === "cwd" ? "cwd" : "program" };
  if (code === "ENOEXEC") return { code, words, reason: "program" };
  if (FOLDER_OR_PROGRAM.has(code)) return { code, words, reason: await missing(code, attempt, look) };
  if (code !== REFUSED) return { code, words, reason: "system" };
  return { code, words, reason: ABOUT_SANDBOX.test(message) ? "sandbox" : "request" };
}

function codeInWords(message: string): string | undefined {
  return NAMED.exec(message)?.[1] ?? (UNRESOLVED.test(message) ? "ENOENT" : undefined);
}

function codeOfKind(kind: string | undefined): string | undefined {
  if (kind === "spawnNotFound") return "ENOENT";
  return kind === "spawnPermissionDenied" ? "EACCES" : undefined;
}

/** The system has the same words for the program, its interpreter and the folder: what is there is not what is missing. */
async function missing(code: string, { argv, cwd }: Attempt, look: StartLook): Promise<StartErrorReason> {
  const folder = await look.kindOf(cwd);
  if (folder === "missing" || folder === "other") return "cwd";
  if (folder === undefined) return "system";
  const [program = ""] = argv;
  const isPath = program.includes("/") || program.includes("\\");
  if (code !== "ENOENT" || !isPath) return "program";
  const place = placeOf(cwd, program);
  return place !== undefined && (await look.kindOf(place)) === "other" ? "interpreter" : "program";
}

function placeOf(cwd: PathUri, program: string): PathUri | undefined {
  try {
    return join(cwd, program);
  } catch {
    return undefined;
  }
}
