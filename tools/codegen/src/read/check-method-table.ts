import { literal } from "../identifiers.ts";

/** A row as it was loaded: the compiler has seen it, or nobody has. */
type LoadedRow = Readonly<Partial<Record<Column, unknown>>>;

type Column = "kind" | "from" | "params" | "result" | "family" | "since" | "replay" | "errors";

/** What a column of a row may hold, and what to say when it holds something else. */
interface Rule {
  readonly holds: (row: LoadedRow) => boolean;
  readonly problem: string;
}

const ALWAYS: readonly Rule[] = [
  { holds: ({ kind }) => isWord(kind, "request", "notice"), problem: "`kind` is neither request nor notice" },
  { holds: ({ from }) => isWord(from, "client", "server"), problem: "`from` is neither client nor server" },
  {
    holds: ({ params }) => params === null || isName(params),
    problem: "`params` names no type; it is null where there are none",
  },
  { holds: ({ family }) => family === null || isName(family), problem: "`family` is no name; it is null for no gate" },
  { holds: ({ since }) => isName(since), problem: "`since` names no release" },
  { holds: ({ errors }) => Array.isArray(errors) && errors.every(isName), problem: "`errors` is no list of names" },
];

const OF_REQUESTS: readonly Rule[] = [
  {
    holds: ({ result }) => isName(result),
    problem: "a request without a result; one that has nothing to say gives an empty object",
  },
  {
    holds: ({ replay }) => isWord(replay, "always", "once", "never"),
    problem: "`replay` is none of always, once, never: may it be sent again when its answer was lost?",
  },
];

const OF_NOTICES: readonly Rule[] = [
  { holds: ({ result }) => result === null, problem: "a notice with a result; nobody answers it" },
  { holds: ({ replay }) => replay === null, problem: "a notice with `replay`; it is null, since nobody answers it" },
  { holds: ({ errors }) => Array.isArray(errors) && errors.length === 0, problem: "a notice with refusals" },
];

/**
 * Check a table before anything is made of it.
 *
 * @param path - Where it stands, for the error.
 * @throws Error that names the method and what is wrong with its row.
 */
export function checkMethodTable(path: string, rows: readonly (LoadedRow & { readonly method: string })[]): void {
  const seen = new Set<string>();
  for (const row of rows) {
    if (seen.has(row.method)) throw new Error(`${path}: method ${literal(row.method)} has two rows`);
    seen.add(row.method);
    const rules = [...ALWAYS, ...(row.kind === "request" ? OF_REQUESTS : OF_NOTICES)];
    const broken = rules.find(({ holds }) => !holds(row));
    if (broken !== undefined) throw new Error(`${path}: method ${literal(row.method)}: ${broken.problem}`);
  }
}

function isWord(value: unknown, ...words: readonly string[]): boolean {
  return typeof value === "string" && words.includes(value);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
