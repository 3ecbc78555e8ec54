import type { AcceptedMessage } from "../corpus.ts";

/** Members whose text selects a form: two values are two shapes. */
const SELECTORS = new Set([
  "access",
  "inherit",
  "kind",
  "mode",
  "network",
  "redirectPolicy",
  "sandboxType",
  "signal",
  "status",
  "stream",
  "type",
  "windowsSandboxLevel",
]);

/** Members that are maps from names to values: their names are no part of the shape. */
const MAPS = new Set(["env", "set"]);

function shapeOfMember(name: string, value: unknown): string {
  if (SELECTORS.has(name) && typeof value === "string") return value;
  if (MAPS.has(name) && typeof value === "object" && value !== null)
    return Object.keys(value).length === 0 ? "{}" : "{*}";
  if (typeof value === "boolean") return String(value);
  return shapeOf(value);
}

/** A text that is equal for messages that differ only in what a value is, not in what is there. */
export function shapeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join("|")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${name}:${shapeOfMember(name, member)}`).join(",")}}`;
  }
  if (typeof value === "string") return value === "" ? "empty" : "text";
  return typeof value;
}

/** The first message of each shape: what differs only in what a value is tells nothing more. */
export function oncePerShape(messages: readonly AcceptedMessage[]): AcceptedMessage[] {
  const known = new Map<string, AcceptedMessage>();
  for (const each of messages) {
    const error = each.message.error as { code: number; message: string } | undefined;
    const { author, from, kind, method, message } = each;
    const key = [author, from, kind, method, shapeOf(message), error?.code, error?.message].join(" ");
    if (!known.has(key)) known.set(key, each);
  }
  return [...known.values()];
}
