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
export function emitStubTypes(methods: MethodTable, names: StubNames, { kit, received, types }: CodeSettings): string {
  uniqueNames(
    methods,
    ({ method }) => stubPath(method).join("."),
    ({ method }) => `method ${method}`,
  );
  return [
    `import type { CallOptions, Unsubscribe } from ${literal(kit)};`,
    `import type { Received, Sendable } from ${literal(received)};`,
    `import type * as T from ${literal(types)};`,
    "",
    requests("ClientRequests", "Requests that clients send, with what they take and give.", methods, "client"),
    requests("ServerRequests", "Requests that servers send, with what they take and give.", methods, "server"),
    notices("ClientNotices", "Notices that clients send.", methods, "client"),
    notices("ServerNotices", "Notices that servers send.", methods, "server"),
    stub(names.client, methods, "client", "ServerNotices"),
    stub(names.server, methods, "server", "ClientNotices"),
  ].join("\n");
}

function requests(name: string, doc: string, methods: MethodTable, from: Side): string {
  const lines = rowsOf(methods, "request", from).map(
    ({ method, params, result }) => `  ${literal(method)}: { params: ${typeOf(params)}; result: ${typeOf(result)} };\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function notices(name: string, doc: string, methods: MethodTable, from: Side): string {
  const lines = rowsOf(methods, "notice", from).map(
    ({ method, params }) => `  ${literal(method)}: ${typeOf(params)};\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function stub(name: string, methods: MethodTable, from: Side, heard: string): string {
  const nodes = nodesOf(
    methods.filter((row) => row.from === from),
    0,
  );
  const taken = nodes.find((node) => TAKEN.has(node.name));
  if (taken !== undefined) throw new Error(`a method that the ${from} sends is in the place of stub.${taken.name}`);
  return [
    "/**",
    ` * One method per wire method that the ${from} sends. Each rejects with the error of the link, or with`,
    " * `InvalidMessageError` when the answer is not what the protocol says. Base64 is given as bytes or text, and arrives as",
    " * bytes.",
    " */",
    `export interface ${name} {`,
    ...nodes.flatMap((node) => memberOf(node, "  ")),
    "  /** Hear every notice of one method, in order of arrival. Returns the function that stops it. */",
    `  on<M extends keyof ${heard}>(method: M, handler: (notice: Received<${heard}[M]>) => void): Unsubscribe;`,
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

function memberOf({ name, row, below }: StubNode, indent: string): string[] {
  const key = memberKey(name);
  if (row !== undefined && below.length === 0) return [docs(row, indent), `${indent}${key}${signature(row)};`];
  const inner = `${indent}  `;
  return [
    `${indent}readonly ${key}: {`,
    ...(row === undefined ? [] : [docs(row, inner), `${inner}${signature(row)};`]),
    ...below.flatMap((node) => memberOf(node, inner)),
    `${indent}};`,
  ];
}

function docs({ method, since, errors }: MethodTableRow, indent: string): string {
  const refusals = errors.length === 0 ? "" : ` Refusals: ${errors.join(", ")}.`;
  return `${indent}/** \`${method}\`, since ${since}.${refusals} */`;
}

function signature({ kind, params, result }: MethodTableRow): string {
  const first = params === null ? "" : `params: Sendable<T.${typeName(params)}>`;
  if (kind === "notice") return `(${first}): void`;
  const options = "options?: CallOptions";
  return `(${first === "" ? options : `${first}, ${options}`}): Promise<Received<${typeOf(result)}>>`;
}

function typeOf(name: string | null): string {
  return name === null ? "null" : `T.${typeName(name)}`;
}
