import { isObject } from "../is-object.ts";
import { type Validated, validateRecord, validateUnit } from "../validate/validate.ts";
import type { MethodRow, Side } from "./method-row.ts";
import type { MethodTypes, Protocol } from "./protocol.ts";

/** A method with all that its API says about it. */
export interface BoundMethod<Family extends string = string> {
  readonly name: string;
  readonly row: MethodRow & { readonly family: Family | null };
  /** Check params, and give them as their receiver gets them. */
  readParams(params: unknown): Validated<unknown>;
  /** Check a result, and give it as its receiver gets it. */
  readResult(result: unknown): Validated<unknown>;
}

/**
 * The methods that one side sends, in the order of the table.
 *
 * @throws Error for a method without types.
 */
export function methodsFrom<Family extends string>(
  protocol: Protocol<Family>,
  from: Side,
): readonly BoundMethod<Family>[] {
  return Object.entries(protocol.methods)
    .filter(([, row]) => row.from === from)
    .map(([name, row]) => bind(protocol, name, row));
}

function bind<Family extends string>(
  { name: api, types, quickParams, quickResults, missingParams }: Protocol<Family>,
  name: string,
  row: BoundMethod<Family>["row"],
): BoundMethod<Family> {
  if (!Object.hasOwn(types, name)) throw new Error(`${api}: no types for the method ${name}; generate them`);
  const quickParam = own(quickParams, name);
  const quickResult = own(quickResults, name);
  return {
    name,
    row,
    readParams: (params) =>
      known(quickParam, params) ??
      (params === undefined || params === null ? absent(row, missingParams) : undefined) ??
      read(types[name]?.params ?? null, params),
    readResult: (result) => known(quickResult, result) ?? read(types[name]?.result ?? null, result),
  };
}

/** What params that are not there mean; undefined for what is said of every value that is none. */
function absent(row: MethodRow, missingParams: string | undefined): Validated<unknown> | undefined {
  if (row.params === null) return undefined;
  if (row.optionalParams === true) return { ok: true, value: null };
  return missingParams === undefined ? undefined : { ok: false, message: missingParams, path: ["params"] };
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

type Quick = ((message: Readonly<Record<string, unknown>>) => unknown) | undefined;

function known(quick: Quick, value: unknown): Validated<unknown> | undefined {
  if (quick === undefined || !isObject(value)) return undefined;
  const message = quick(value);
  return message === undefined ? undefined : { ok: true, value: message };
}

function read(type: MethodTypes["params"], value: unknown): Validated<unknown> {
  return type === null ? validateUnit(value) : validateRecord(type.schema, type.name, value);
}
