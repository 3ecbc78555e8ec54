import type { CodeSettings, StubNames } from "../api.ts";
import { literal, memberKey, stubPath, typeName, uniqueNames } from "../identifiers.ts";
import { type MethodTable, type MethodTableRow, rowsOf } from "../read/method-table.ts";

type Side = MethodTableRow["from"];

/** A step of the way to methods: what is called here, and what lies below. */
interface StubNode {
  readonly name: string;
  readonly row: MethodTableRow | undefined;
  readonly below: readonly StubNode[];
}

/** Members of every stub: the one that hears notices, and the one that would make `await` take it for a promise. */
const TAKEN: ReadonlySet<string> = new Set(["on", "then"]);

/**
 * The types of the stubs of both sides, as source: which wire types each method has, and an interface that documents it. What
 * stubs do is made from the method table by the protocol kit.
 *
 * @throws Error for a method that has no place in a stub.
 */
export function emitStubTypes(methods: MethodTable, names: StubNames, settings: CodeSettings): string {
  const { kit, received, metadata, types } = settings;
  uniqueNames(
    methods,
    ({ method }) => stubPath(method).join("."),
    ({ method }) => `method ${method}`,
  );
  return [
    `import type { CallOptions, Unsubscribe } from ${literal(kit)};`,
    ...(received === null ? [] : [`import type { Received, Sendable } from ${literal(received)};`]),
    ...(metadata === null ? [] : [`import type { ${metadata.type} } from ${literal(metadata.from)};`]),
    `import type * as T from ${literal(types)};`,
    "",
    requests("ClientRequests", "Requests that clients send, with what they take and give.", methods, "client"),
    requests("ServerRequests", "Requests that servers send, with what they take and give.", methods, "server"),
    notices("ClientNotices", "Notices that clients send.", methods, "client"),
    notices("ServerNotices", "Notices that servers send.", methods, "server"),
    stub(names.client, methods, "client", "ServerNotices", settings),
    stub(names.server, methods, "server", "ClientNotices", settings),
  ].join("\n");
}

function requests(name: string, doc: string, methods: MethodTable, from: Side): string {
  const lines = rowsOf(methods, "request", from).map(
    ({ method, params, result, optionalParams }) =>
      `  ${literal(method)}: { params: ${typeOf(params)}${optionalParams === true ? " | null" : ""}; result: ${typeOf(result)} };\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function notices(name: string, doc: string, methods: MethodTable, from: Side): string {
  const lines = rowsOf(methods, "notice", from).map(
    ({ method, params }) => `  ${literal(method)}: ${typeOf(params)};\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function stub(name: string, methods: MethodTable, from: Side, heard: string, settings: CodeSettings): string {
  const { received, metadata } = settings;
  const nodes = nodesOf(
    methods.filter((row) => row.from === from),
    0,
  );
  const taken = nodes.find((node) => TAKEN.has(node.name));
  if (taken !== undefined) throw new Error(`a method that the ${from} sends is in the place of stub.${taken.name}`);
  return [
    "/**",
    ` * One method per wire method that the ${from} sends. Each rejects with the error of the link, or with`,
    ...(received === null
      ? [" * `InvalidMessageError` when the answer is not what the protocol says.", " */"]
      : [
          " * `InvalidMessageError` when the answer is not what the protocol says. Base64 is given as bytes or text, and arrives as",
          " * bytes.",
          " */",
        ]),
    `export interface ${name} {`,
    ...nodes.flatMap((node) => memberOf(node, "  ", settings)),
    "  /** Hear every notice of one method, in order of arrival. Returns the function that stops it. */",
    `  on<M extends keyof ${heard}>(method: M, handler: (notice: ${receivedAs(`${heard}[M]`, settings)}${
      metadata === null ? "" : `, metadata: ${metadata.type}`
    }) => void): Unsubscribe;`,
    "}",
    "",
  ].join("\n");
}

function nodesOf(rows: MethodTable, depth: number): StubNode[] {
  const steps = [...new Set(rows.map(({ method }) => stubPath(method)[depth]))].filter((step) => step !== undefined);
  return steps.map((name) => {
    const here = rows.filter(({ method }) => stubPath(method)[depth] === name);
    return {
      name,
      row: here.find(({ method }) => stubPath(method).length === depth + 1),
      below: nodesOf(here, depth + 1),
    };
  });
}

function memberOf({ name, row, below }: StubNode, indent: string, settings: CodeSettings): string[] {
  const key = memberKey(name);
  if (row !== undefined && below.length === 0)
    return [docs(row, indent), `${indent}${key}${signature(row, settings)};`];
  const inner = `${indent}  `;
  return [
    `${indent}readonly ${key}: {`,
    ...(row === undefined ? [] : [docs(row, inner), `${inner}${signature(row, settings)};`]),
    ...below.flatMap((node) => memberOf(node, inner, settings)),
    `${indent}};`,
  ];
}

function docs({ method, since, errors, experimental, removedIn }: MethodTableRow, indent: string): string {
  const needs = experimental === true ? " Experimental: both sides have to say so in `initialize`." : "";
  const refusals = errors.length === 0 ? "" : ` Refusals: ${errors.join(", ")}.`;
  const about = `\`${method}\`, since ${since}.${needs}${refusals}`;
  if (removedIn === undefined) return `${indent}/** ${about} */`;
  return [
    `${indent}/**`,
    `${indent} * ${about}`,
    `${indent} *`,
    `${indent} * @deprecated Removed in ${removedIn}.`,
    `${indent} */`,
  ].join("\n");
}

function signature({ kind, params, result, optionalParams }: MethodTableRow, settings: CodeSettings): string {
  const first = params === null ? "" : paramsArgument(`T.${typeName(params)}`, optionalParams === true, settings);
  if (kind === "notice") return `(${first}): void`;
  const options = "options?: CallOptions";
  return `(${first === "" ? options : `${first}, ${options}`}): Promise<${receivedAs(typeOf(result), settings)}>`;
}

function paramsArgument(type: string, isOptional: boolean, { received }: CodeSettings): string {
  const given = received === null ? type : `Sendable<${type}>`;
  return isOptional ? `params?: ${given} | null` : `params: ${given}`;
}

function receivedAs(type: string, { received }: CodeSettings): string {
  return received === null ? type : `Received<${type}>`;
}

function typeOf(name: string | null): string {
  return name === null ? "null" : `T.${typeName(name)}`;
}
