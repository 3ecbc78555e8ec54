import { literal } from "../identifiers.ts";
import type { MethodTable, MethodTableRow } from "../read/method-table.ts";

/** The method table of an imported API, as source. What is as usual is left out; `method-row.ts` of the package fills it in. */
export function emitMethods(methods: MethodTable): string {
  return [
    'import { type MethodRow, notice, request } from "../method-row.ts";',
    'import type { ClientNotices, ClientRequests, ServerNotices, ServerRequests } from "./stub-types.gen.ts";',
    "",
    "/** Wire name of a method. */",
    "export type MethodName = keyof ClientRequests | keyof ServerRequests | keyof ClientNotices | keyof ServerNotices;",
    "",
    "/** Every method of the protocol, by wire name. */",
    "export const METHODS: { readonly [Method in MethodName]: MethodRow } = {",
    ...methods.map((row) => `  ${literal(row.method)}: ${rowOf(row)},`),
    "};",
    "",
  ].join("\n");
}

function rowOf({ kind, from, params, result, since, replay, ...rest }: MethodTableRow): string {
  const { optionalParams, experimental, removedIn } = rest;
  const more = {
    ...(optionalParams === true ? { optionalParams } : {}),
    ...(experimental === true ? { experimental } : {}),
    ...(removedIn === undefined ? {} : { removedIn }),
    ...(kind === "request" && replay !== "never" ? { replay } : {}),
  };
  const types = kind === "request" ? [params, result] : [params];
  const members = Object.entries(more).map(([name, value]) => `${name}: ${literal(value)}`);
  const options = members.length === 0 ? [] : [`{ ${members.join(", ")} }`];
  return `${kind}(${[...[from, ...types, since].map(literal), ...options].join(", ")})`;
}
