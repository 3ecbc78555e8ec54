import { isEnvironmentPattern } from "./environment-pattern.ts";
import { TOKEN_ROLES, type TokenEntry, type TokenRole } from "./token.ts";

const VERSION = 1;
/** Of a file. */
export const MAX_TOKENS = 10_000;
const MEMBERS: ReadonlySet<string> = new Set(["id", "name", "role", "environment", "sha256", "createdAt", "expiresAt"]);
const NAME = /^[\w.@+-](?:[\w.@+ -]{0,62}[\w.@+-])?$/;
const ID = /^[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Letters, digits, `_ . @ + -`, and blanks inside; at most 64 of them. */
export function isTokenName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Read what is in a tokens file.
 *
 * @throws Error - What is wrong, and where; never a value of the file. A member that is not known is refused: it may have been meant to say less than what is left without it.
 */
export function parseTokens(text: string): readonly TokenEntry[] {
  const file = parsed(text);
  if (!isObject(file)) throw new Error("it must be a JSON object");
  if (file.version !== VERSION) throw new Error(`version must be ${VERSION}`);
  if (!Array.isArray(file.tokens)) throw new Error("tokens must be a list");
  if (file.tokens.length > MAX_TOKENS) throw new Error(`tokens must be at most ${MAX_TOKENS}`);
  const entries = file.tokens.map((entry, index) => entryOf(entry, `tokens[${index}]`));
  for (const member of ["id", "name", "sha256"] as const) {
    const values = new Set(entries.map((entry) => entry[member]));
    if (values.size < entries.length) throw new Error(`tokens has two with the same ${member}`);
  }
  return entries;
}

/** What is written to a tokens file. */
export function tokensText(entries: readonly TokenEntry[]): string {
  const tokens = entries.map(({ createdAt, expiresAt, ...entry }) => ({
    ...entry,
    createdAt: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  }));
  return `${JSON.stringify({ version: VERSION, tokens }, null, 2)}\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser has a part of the text in it.
    throw new Error("it is no JSON");
  }
}

function entryOf(value: unknown, where: string): TokenEntry {
  if (!isObject(value)) throw new Error(`${where} must be an object`);
  const unknown = Object.keys(value).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) throw new Error(`${where} has a member that is not known`);
  const { role, environment, createdAt, expiresAt } = value;
  if (!isRole(role)) throw new Error(`${where}.role must be one of ${TOKEN_ROLES.join(", ")}`);
  if (typeof environment !== "string" || !isEnvironmentPattern(environment)) {
    throw new Error(`${where}.environment must be an id of an environment, in which * is any number of characters`);
  }
  return {
    id: textOf(value.id, ID, `${where}.id`),
    name: textOf(value.name, NAME, `${where}.name`),
    role,
    environment,
    sha256: textOf(value.sha256, SHA256, `${where}.sha256`),
    createdAt: timeOf(createdAt, `${where}.createdAt`),
    expiresAt: expiresAt === undefined ? undefined : timeOf(expiresAt, `${where}.expiresAt`),
  };
}

function textOf(value: unknown, form: RegExp, where: string): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw new Error(`${where} does not have the form ${form.source}`);
}

function timeOf(value: unknown, where: string): number {
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new Error(`${where} must be a time such as 2030-01-31T12:00:00Z`);
  return time;
}

function isRole(value: unknown): value is TokenRole {
  return TOKEN_ROLES.some((role) => role === value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
