import { FileError } from "../errors/file-error.ts";
import type { RemotePath } from "../paths.ts";
import type { EntryCall } from "./entry-port.ts";
import { errorNameIn } from "./system-texts.ts";

/** What a finished program left. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly truncated: boolean;
}

/** Runs a program on the executor to its end. */
export type RunProgram = (
  argv: readonly string[],
  options: Pick<EntryCall, "signal" | "timeoutMs" | "sandbox"> & {
    readonly cwd: RemotePath;
    readonly encoding: "bytes";
    readonly input?: Uint8Array | undefined;
    readonly maxOutputBytes?: number | undefined;
  },
) => Promise<ProgramResult>;

/** An argument of a script; bytes need not be UTF-8. */
export type ScriptWord = string | Uint8Array;

/** What a script is about, for errors. */
export interface ScriptCall extends EntryCall {
  readonly path: string;
  readonly destination?: string | undefined;
}

/**
 * Arguments are text and names are bytes: a word is `=TEXT`, or written for `printf %b`. They are never part of the script.
 */
const DECODE = `
export LC_ALL=C
for word do
  shift
  case $word in =*) word=\${word#=} ;; *) word=$(printf '%b_' "$word") word=\${word%_} ;; esac
  set -- "$@" "$word"
done
`;

/** Output that is kept of a script which answers with few words. */
const ANSWER_MAX_BYTES = 1_048_576;

/**
 * Run a script of this package in the executor's `sh`.
 *
 * @returns what it printed.
 * @throws FileError - It ended with another code than 0: as its last word says.
 */
export async function runScript(
  run: RunProgram,
  script: string,
  words: readonly ScriptWord[],
  call: ScriptCall,
  more: { readonly input?: Uint8Array; readonly maxOutputBytes?: number } = {},
): Promise<Uint8Array> {
  const { signal, timeoutMs, sandbox } = call;
  const argv = scriptArgv(script, words);
  const { exitCode, stdout, stderr } = await run(argv, {
    ...(sandbox === undefined ? {} : { sandbox }),
    signal,
    timeoutMs,
    cwd: "file:///",
    encoding: "bytes",
    maxOutputBytes: ANSWER_MAX_BYTES,
    ...more,
  });
  if (exitCode !== 0) throw fileError(exitCode, new TextDecoder().decode(stderr), call);
  return stdout;
}

/** How the executor's `sh` is called to run a script with its words as `"$1"`, `"$2"` and so on. */
export function scriptArgv(script: string, words: readonly ScriptWord[]): readonly string[] {
  return ["/bin/sh", "-c", `${DECODE}${script}`, "sh", ...words.map(encoded)];
}

function encoded(word: ScriptWord): string {
  if (typeof word === "string") return `=${word}`;
  try {
    return `=${new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(word)}`;
  } catch {
    return [...word].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  }
}

/** What commands say in words of their own. */
const OWN_WORDS: readonly (readonly [words: RegExp, code: string, text: string])[] = [
  [/cannot overwrite non-directory .* with directory/, "ENOTDIR", "not a directory"],
  [/cannot overwrite directory .* with non-directory/, "EISDIR", "is a directory"],
  [/to a subdirectory of itself/, "EINVAL", "invalid argument"],
];
const COMPLAINT_MAX_CHARACTERS = 500;

function fileError(exitCode: number, complaint: string, { method, path, destination }: ScriptCall): FileError {
  const own = OWN_WORDS.find(([words]) => words.test(complaint));
  const known = own === undefined ? errorNameIn(complaint) : { code: own[1], text: own[2] };
  const said = complaint.trim().slice(-COMPLAINT_MAX_CHARACTERS) || `the command ended with code ${exitCode}`;
  const code = known?.code ?? "refused";
  const text = known === undefined ? said : lowered(known.text);
  const places = destination === undefined ? `'${path}'` : `'${path}' -> '${destination}'`;
  const details = { code, method, path, destination };
  return new FileError(`${code}: ${text}, ${method} ${places}`, details, { cause: new Error(said) });
}

function lowered(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text[0]?.toLowerCase()}${text.slice(1)}` : text;
}
