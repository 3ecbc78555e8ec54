/** What a line of a program's error output says that it was refused. */
export interface Refusal {
  /** As the program wrote it: an absolute path, a relative one, or a host. */
  readonly name: string;
  /** `missing`: what a rule hides looks as if it did not exist. */
  readonly kind: "read-only" | "permission" | "missing" | "host";
}

/** Characters of error output that are looked at: its end. */
const TAIL_MAX_CHARACTERS = 65_536;
const LINES_MAX = 256;
const LINE_MAX_CHARACTERS = 4_096;
/** Names that are held against the rules: output that is full of quotes has thousands. */
const REFUSALS_MAX = 256;

const REASONS: readonly (readonly [RegExp, Refusal["kind"]])[] = [
  [/read-only file system|\bEROFS\b|os error 30\b/i, "read-only"],
  [/permission denied|operation not permitted|\bE(?:ACCES|PERM)\b|os error (?:13|1)\b/i, "permission"],
  [/no such file or directory|\bENOENT\b|os error 2\b/i, "missing"],
];

const HOST = /could not resolve host(?:name)?:? ["']?([\w.-]+)|(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)/i;

/**
 * The places and hosts that a program says it was refused, in the words of the usual ones: shells, coreutils, git, Node, Python, Rust.
 * Newest first: the last thing said is most often what ended it.
 */
export function refusalsIn(output: string): readonly Refusal[] {
  const lines = output.slice(-TAIL_MAX_CHARACTERS).split("\n").slice(-LINES_MAX).reverse();
  const refusals = lines.filter((line) => line.length <= LINE_MAX_CHARACTERS).flatMap(refusalIn);
  return refusals.slice(0, REFUSALS_MAX);
}

function refusalIn(line: string): readonly Refusal[] {
  const host = HOST.exec(line);
  if (host !== null) return [{ name: host[1] ?? host[2] ?? "", kind: "host" }];
  for (const [pattern, kind] of REASONS) {
    const at = line.search(pattern);
    if (at >= 0) return namesAround(line, at).map((name) => ({ name, kind }));
  }
  return [];
}

/** Quoted names anywhere in the line; without any, the word before the reason's colon. Each look takes as long as the line, whatever is in it. */
function namesAround(line: string, at: number): readonly string[] {
  const quoted = [...line.matchAll(/'([^']+)'|"([^"]+)"|‘([^‘’]+)’|`([^`']+)['`]/g)].flatMap((match) =>
    match.slice(1).filter((name) => name !== undefined),
  );
  if (quoted.length > 0) return quoted;
  const before = line.slice(0, at).replace(/:\s*$/, "");
  const word = before.split(/\s/).at(-1) ?? "";
  return word === "" || word.endsWith(":") ? [] : [word];
}
