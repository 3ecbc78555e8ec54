import { nearestName, shownValue } from "@holdfast/rpc/client";
import type { ToolSchema } from "./tool.ts";

interface Described {
  /** For models: what it means, with its unit and its default. */
  readonly about: string;
}

export interface TextArgument extends Described {
  readonly kind: "text";
  readonly isRequired?: true;
  /** The only words there are. */
  readonly choices?: readonly string[];
}

export interface IntegerArgument extends Described {
  readonly kind: "integer";
  readonly minimum: number;
  /** Default: whatever can be told exactly. */
  readonly maximum?: number;
  readonly isRequired?: true;
  /** Default: none, what is left out is undefined. */
  readonly default?: number;
}

export interface FlagArgument extends Described {
  readonly kind: "flag";
  /** Default false. `none`: what is left out is undefined. */
  readonly default?: true | "none";
}

/** A list of texts. */
export interface TextsArgument extends Described {
  readonly kind: "texts";
}

/** The arguments of a tool, by their names: what its schema is made of, and what is read from a call. */
export type ArgumentSpecs = Readonly<Record<string, TextArgument | IntegerArgument | FlagArgument | TextsArgument>>;

interface Values {
  readonly text: string;
  readonly integer: number;
  readonly flag: boolean;
  readonly texts: readonly string[];
}

type ValueOf<Spec> = Spec extends { readonly kind: infer Kind extends keyof Values }
  ? IsGiven<Spec> extends true
    ? Choice<Spec, Values[Kind]>
    : Choice<Spec, Values[Kind]> | undefined
  : never;

/** Whether a call always has one. */
type IsGiven<Spec> = Spec extends { readonly isRequired: true }
  ? true
  : Spec extends { readonly default: "none" }
    ? false
    : Spec extends { readonly kind: "flag" } | { readonly default: number }
      ? true
      : false;

type Choice<Spec, Value> = Spec extends { readonly choices: readonly (infer Word)[] } ? Word : Value;

export type ArgumentsOf<Specs extends ArgumentSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

/** A call's arguments are not what the schema says. The message says which one, and what it has to be. */
export class ToolArgumentError extends Error {
  override readonly name = "ToolArgumentError";
}

export function argumentSchema(specs: ArgumentSpecs): ToolSchema {
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, propertyOf(spec)])),
    required: Object.entries(specs).flatMap(([name, spec]) => (isRequired(spec) ? [name] : [])),
    additionalProperties: false,
  };
}

/**
 * The arguments of a call, with defaults filled in. `null` is the same as leaving one away, as models do it.
 *
 * @throws ToolArgumentError - One is missing, unknown, or not what its schema says.
 */
export function readArguments<const Specs extends ArgumentSpecs>(args: unknown, specs: Specs): ArgumentsOf<Specs> {
  const given: unknown = args ?? {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ToolArgumentError(`the arguments must be an object, not ${shownValue(given)}`);
  }
  const names = Object.keys(specs);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) throw new ToolArgumentError(unknownArgument(stranger, names));
  const values = new Map<string, unknown>(Object.entries(given));
  const read = Object.entries(specs).map(([name, spec]) => [
    name,
    argumentOf(name, spec, values.get(name) ?? undefined),
  ]);
  return Object.fromEntries(read) as ArgumentsOf<Specs>;
}

function propertyOf(spec: ArgumentSpecs[string]): Readonly<Record<string, unknown>> {
  switch (spec.kind) {
    case "text":
      return { type: "string", description: spec.about, ...(spec.choices && { enum: spec.choices }) };
    case "integer":
      return {
        type: "integer",
        description: spec.about,
        minimum: spec.minimum,
        ...(spec.maximum === undefined ? {} : { maximum: spec.maximum }),
        ...(spec.default === undefined ? {} : { default: spec.default }),
      };
    case "flag":
      return {
        type: "boolean",
        description: spec.about,
        ...(spec.default === "none" ? {} : { default: spec.default ?? false }),
      };
    case "texts":
      return { type: "array", items: { type: "string" }, description: spec.about };
  }
}

function isRequired(spec: ArgumentSpecs[string]): boolean {
  return "isRequired" in spec && spec.isRequired === true;
}

function argumentOf(name: string, spec: ArgumentSpecs[string], value: unknown): unknown {
  if (value === undefined) {
    if (isRequired(spec)) throw new ToolArgumentError(`${name} is missing: ${spec.about}`);
    return defaultOf(spec);
  }
  switch (spec.kind) {
    case "text":
      return textOf(name, spec, value);
    case "integer":
      return integerOf(name, spec, value);
    case "flag":
      if (typeof value !== "boolean") throw new ToolArgumentError(`${name} must be true or false${instead(value)}`);
      return value;
    case "texts":
      return textsOf(name, value);
  }
}

function defaultOf(spec: ArgumentSpecs[string]): unknown {
  if (spec.kind === "integer") return spec.default;
  return spec.kind === "flag" && spec.default !== "none" ? (spec.default ?? false) : undefined;
}

function textsOf(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new ToolArgumentError(`${name} must be a list of strings${instead(value)}`);
  return value.map((text, index) => {
    if (typeof text === "string") return text;
    throw new ToolArgumentError(`${name}[${index}] must be a string${instead(text)}`);
  });
}

function textOf(name: string, { choices }: TextArgument, value: unknown): string {
  if (typeof value !== "string") throw new ToolArgumentError(`${name} must be a string${instead(value)}`);
  if (choices !== undefined && !choices.includes(value)) {
    throw new ToolArgumentError(`${name} must be one of ${choices.join(", ")}${instead(value)}`);
  }
  return value;
}

function integerOf(name: string, { minimum, maximum }: IntegerArgument, value: unknown): number {
  const most = maximum ?? Number.MAX_SAFE_INTEGER;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum && value <= most) return value;
  const range = maximum === undefined ? `, at least ${minimum}` : ` from ${minimum} to ${maximum}`;
  throw new ToolArgumentError(`${name} must be a whole number${range}${instead(value)}`);
}

function unknownArgument(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  const advice = meant === undefined ? "" : `; ${meant} is perhaps meant`;
  return `there is no argument ${shownValue(name)}, only ${names.join(", ")}${advice}`;
}

function instead(value: unknown): string {
  return `, not ${shownValue(value)}`;
}
