import type { ToolSchema } from "./tool.ts";

/** The part of JSON Schema that the arguments of tools are described in. */
interface ArgumentSchema {
  readonly type?: "string" | "boolean" | "integer" | "number" | "array" | "object";
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ArgumentSchema;
}

/** Characters of a value that are shown in an error. */
const SHOWN_MAX_LENGTH = 80;

/**
 * The arguments of a call as an object without the members that are null, which models write for those that they leave out.
 *
 * @param schema - An object of members that are texts, numbers, flags, and lists of them.
 * @throws TypeError - The schema refuses them. The message is for a model.
 */
export function checkArguments(schema: ToolSchema, args: unknown): Readonly<Record<string, unknown>> {
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    throw failure(`invalid type: ${kindOf(args)}, expected an object`);
  }
  const properties = (schema.properties ?? {}) as Readonly<Record<string, ArgumentSchema>>;
  const given = Object.entries(args).filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of given) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property !== undefined) checkValue(property, value, name);
    else if (schema.additionalProperties === false) throw unknownMember(name, properties);
  }
  const checked = Object.fromEntries(given);
  const missing = schema.required?.find((name) => !Object.hasOwn(checked, name));
  if (missing !== undefined) throw failure(`missing field \`${missing}\``);
  return checked;
}

function checkValue(schema: ArgumentSchema, value: unknown, name: string): void {
  const { type, minimum, maximum, items } = schema;
  if (type !== undefined && !isOf(type, value)) {
    throw failure(`\`${name}\`: invalid type: ${kindOf(value)}, expected ${expected(type)}`);
  }
  if (schema.enum !== undefined && !schema.enum.some((word) => word === value)) {
    throw failure(`\`${name}\`: unknown variant ${shown(value)}, expected one of ${listed(schema.enum)}`);
  }
  if (typeof value === "number" && (value < (minimum ?? value) || value > (maximum ?? value))) {
    const bound = value < (minimum ?? value) ? `at least ${minimum}` : `at most ${maximum}`;
    throw failure(`\`${name}\`: invalid value: ${value}, expected ${bound}`);
  }
  if (Array.isArray(value) && items !== undefined) {
    for (const [index, item] of value.entries()) checkValue(items, item, `${name}[${index}]`);
  }
}

function isOf(type: NonNullable<ArgumentSchema["type"]>, value: unknown): boolean {
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "number") return Number.isFinite(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function unknownMember(name: string, properties: Readonly<Record<string, ArgumentSchema>>): TypeError {
  return failure(`unknown field ${shown(name)}, expected one of ${listed(Object.keys(properties))}`);
}

function expected(type: NonNullable<ArgumentSchema["type"]>): string {
  if (type === "integer") return "a whole number";
  return `${type === "array" || type === "object" ? "an" : "a"} ${type}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  return `${typeof value} ${shown(value)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_MAX_LENGTH ? text : `${text.slice(0, SHOWN_MAX_LENGTH)}…`;
}

function listed(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function failure(detail: string): TypeError {
  return new TypeError(`failed to parse function arguments: ${detail}`);
}
