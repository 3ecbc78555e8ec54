/** What a validator says about one value, before it is put into words. */
export interface RawIssue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly expected?: unknown;
  readonly values?: readonly unknown[] | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
}

const ECHO_MAX_CHARS = 200;

const EXPECTATIONS: Readonly<Record<string, string>> = {
  string: "a string",
  boolean: "a boolean",
  array: "a sequence",
  object: "a map",
  record: "a map",
  number: "a number",
};

/** Put an issue into the words that peers of this protocol use. */
export function refusalText(issue: RawIssue): string {
  if (issue.input === undefined) return `missing field \`${lastName(issue.path)}\``;
  if (issue.code === "invalid_value") return variantText(issue);
  if (issue.code === "invalid_type")
    return unexpectedType(issue.input, EXPECTATIONS[String(issue.expected)] ?? "another type");
  return "value matches none of its forms";
}

/** `invalid type: number, expected a string` */
export function unexpectedType(input: unknown, expected: string): string {
  return `invalid type: ${describe(input)}, expected ${expected}`;
}

/** Shorten text of a peer before it is sent back or logged. */
export function clip(text: string): string {
  return text.length <= ECHO_MAX_CHARS ? text : `${text.slice(0, ECHO_MAX_CHARS)}…`;
}

/** Member path as people write it: `argv[1]`, `envPolicy.inherit`. */
export function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${clip(String(step))}`))
    .join("");
}

function variantText({ input, values = [] }: RawIssue): string {
  if (typeof input !== "string") return unexpectedType(input, "string or map");
  const quoted = values.map((value) => `\`${String(value)}\``);
  const expected = quoted.length <= 2 ? quoted.join(" or ") : `one of ${quoted.join(", ")}`;
  return `unknown variant \`${clip(input)}\`, expected ${expected}`;
}

function describe(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "sequence";
  if (typeof input === "string") return `string ${JSON.stringify(clip(input))}`;
  if (typeof input === "boolean") return `boolean \`${input}\``;
  return typeof input === "object" ? "map" : typeof input;
}

function lastName(path: readonly PropertyKey[] = []): string {
  return String(path.at(-1) ?? "");
}
