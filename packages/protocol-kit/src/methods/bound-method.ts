import { isObject } from "../is-object.ts";
import { tolerating } from "../validate/tolerance.ts";
import { type Validated, validateRecord, validateUnit } from "../validate/validate.ts";
import type { MethodRow, Side } from "./method-row.ts";
import type { MethodTypes, Protocol } from "./protocol.ts";
import type { TypeSource } from "./type-source.ts";

/** A method with all that its API says about it. */
export interface BoundMethod<Family extends string = string> {
  readonly name: string;
  readonly row: MethodRow & { readonly family: Family | null };
  /** What can be said of params without a validator; undefined when one is needed. */
  readParamsAtOnce(params: unknown): Validated<unknown> | undefined;
  /** Check params, and give them as their receiver gets them. @throws Error while the types are not loaded. */
  readParams(params: unknown): Validated<unknown>;
  /** Check a result, and give it as its receiver gets it. @throws Error while the types are not loaded. */
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
  source: TypeSource,
): readonly BoundMethod<Family>[] {
  return Object.entries(protocol.methods)
    .filter(([, row]) => row.from === from)
    .map(([name, row]) => bind(protocol, name, row, source));
}

function bind<Family extends string>(
  { name: api, quickParams, quickResults, missingParams, newerServers }: Protocol<Family>,
  name: string,
  row: BoundMethod<Family>["row"],
  source: TypeSource,
): BoundMethod<Family> {
  source.expect(api, name);
  const quickParam = own(quickParams, name);
  const quickResult = own(quickResults, name);
  const isTolerant = newerServers === "tolerated";
  const readParams = readerOf((types) => types.params, isTolerant && row.from === "server");
  const readResult = readerOf((types) => types.result, isTolerant && row.from === "client");
  const readParamsAtOnce = (params: unknown) =>
    known(quickParam, params) ??
    (params === undefined || params === null ? absent(row, missingParams) : undefined) ??
    (row.params === null ? validateUnit(params) : undefined);
  return {
    name,
    row,
    readParamsAtOnce,
    readParams: (params) => readParamsAtOnce(params) ?? readParams(source.of(api, name), params),
    readResult: (result) => known(quickResult, result) ?? readResult(source.of(api, name), result),
  };
}

function readerOf(part: (types: MethodTypes) => MethodTypes["params"], isTolerant: boolean) {
  return (types: MethodTypes, value: unknown): Validated<unknown> => {
    const type = part(types);
    return isTolerant ? tolerating(() => read(type, value)) : read(type, value);
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
