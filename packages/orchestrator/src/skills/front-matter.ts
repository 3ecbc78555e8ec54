import { isAlias, isMap, isScalar, type Node, parseDocument, type YAMLMap } from "yaml";
import { SKILL_NAME_MAX_LENGTH } from "./limits.ts";

/** What the head of a `SKILL.md` says. */
export interface SkillHead {
  /** Undefined: that of its folder. */
  readonly name: string | undefined;
  readonly description: string;
  readonly shortDescription: string | undefined;
}

/** A head that says nothing. Its message is for whoever wrote it. */
export class FrontMatterError extends Error {
  override readonly name = "FrontMatterError";
}

const FENCE = "---";
/** A plain value that YAML reads as something else, although people mean it as it stands. */
const MEANT_AS_TEXT = /^(\s*)([\w-]+):[ \t]+([^\s"'|>&*!%#-].*?)\s*$/;
const NEEDS_QUOTES = /:\s|^[[{@`]/;
const CLOSED = /^\[.*\]$/s;

/**
 * Read the head of a skill: YAML between two lines of three dashes, of which the first begins the file. Values that only look like YAML, such as
 * `description: use it: often`, are taken as they stand.
 *
 * @throws FrontMatterError
 */
export function skillHead(contents: string): SkillHead {
  const head = headMap(fenced(contents));
  const name = text(head, "name");
  const description = text(head, "description");
  if (description === undefined) throw new FrontMatterError("missing field `description`");
  if (name !== undefined && [...name].length > SKILL_NAME_MAX_LENGTH) {
    throw new FrontMatterError(`invalid name: exceeds maximum length of ${SKILL_NAME_MAX_LENGTH} characters`);
  }
  const metadata = head.get("metadata", true);
  if (metadata !== undefined && !isMap(metadata) && !isNothing(metadata)) {
    throw new FrontMatterError("invalid YAML: metadata: it must be a map");
  }
  return {
    name,
    description,
    shortDescription: isMap(metadata) ? text(metadata, "short-description") : undefined,
  };
}

function fenced(contents: string): string {
  const lines = contents.split("\n").map((line) => line.trimEnd());
  const end = lines.indexOf(FENCE, 1);
  if (lines[0] !== FENCE || end < 2) throw new FrontMatterError("missing YAML frontmatter delimited by ---");
  return lines.slice(1, end).join("\n");
}

function headMap(yaml: string): YAMLMap {
  const [map, problem] = mapIn(yaml);
  if (map !== undefined && problem === undefined) return map;
  const [again, problemAgain] = mapIn(yaml.split("\n").map(quoted).join("\n"));
  if (again !== undefined && problemAgain === undefined) return again;
  throw new FrontMatterError(`invalid YAML: ${problem ?? "it must be a map"}`);
}

/** Every value is a text: names and descriptions of digits are no numbers. */
export function mapIn(yaml: string): readonly [map: YAMLMap | undefined, problem: string | undefined] {
  const document = parseDocument(yaml, { schema: "failsafe", prettyErrors: false });
  const { contents, errors } = document;
  const [error] = errors;
  if (error !== undefined) return [undefined, error.message];
  if (!isMap(contents)) return [undefined, undefined];
  // No deeper: what refers to itself again and again would never end.
  const map: YAMLMap = contents;
  for (const pair of map.items) if (isAlias(pair.value)) pair.value = pair.value.resolve(document) ?? null;
  const odd = ["name", "description"].find((key) => {
    const value = map.get(key, true);
    return value !== undefined && !isScalar(value);
  });
  return [map, odd === undefined ? undefined : `${odd}: it must be a text`];
}

function quoted(line: string): string {
  const [, indent = "", key = "", value = ""] = MEANT_AS_TEXT.exec(line) ?? [];
  if (key === "" || !NEEDS_QUOTES.test(value) || CLOSED.test(value)) return line;
  return `${indent}${key}: ${JSON.stringify(value)}`;
}

/** A value as one line; undefined where there is none, or nothing in it. */
export function text(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key, false);
  const node = map.get(key, true) as Node | undefined;
  if (typeof value !== "string" || isNothing(node)) return undefined;
  const line = value
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ");
  return line === "" ? undefined : line;
}

/** Where the schema knows texts alone, nothing is one as well. */
function isNothing(node: unknown): boolean {
  if (!isScalar(node)) return false;
  return node.type === "PLAIN" && ["", "~", "null", "Null", "NULL"].includes(String(node.value ?? ""));
}
