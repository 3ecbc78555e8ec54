import { literal, stubPath, typeName, uniqueNames } from "./identifiers.ts";
import { type MethodTable, type MethodTableRow, rowsOf } from "./method-table.ts";

/** One member of the stub: a method, or a group of them. */
interface StubMember {
  readonly name: string;
  readonly rows: readonly MethodTableRow[];
  readonly isGroup: boolean;
}

/** The client stub, as source. */
export function emitClient(methods: MethodTable): string {
  const members = membersOf([...rowsOf(methods, "request", "client"), ...rowsOf(methods, "notice", "client")]);
  return [
    'import type { Received, Sendable } from "../base64-bytes.ts";',
    'import { ClientRuntime, type ExecServerClientOptions, type Unsubscribe } from "../client-runtime.ts";',
    'import type { CallOptions, LinkV1 } from "../link-port.ts";',
    'import type * as T from "../wire-types.ts";',
    'import type { ServerNotices } from "./method-types.gen.ts";',
    "",
    "/**",
    " * One method per wire method. Each rejects with the error of the link, or with `InvalidMessageError`",
    " * when the answer is not what the protocol says. Base64 is given as bytes or text, and arrives as bytes.",
    " */",
    "export interface ExecServerClient {",
    ...members.flatMap(memberType),
    "  /** Hear every notice of one method, in order of arrival. Returns the function that stops it. */",
    "  on<M extends keyof ServerNotices>(method: M, handler: (notice: Received<ServerNotices[M]>) => void): Unsubscribe;",
    "}",
    "",
    "/** A stub over a link. It keeps no state. */",
    "export function createExecServerClient(link: LinkV1, options: ExecServerClientOptions = {}): ExecServerClient {",
    "  const runtime = new ClientRuntime(link, options);",
    "  return {",
    ...members.flatMap(memberValue),
    "    on: (method, handler) => runtime.on(method, handler),",
    "  };",
    "}",
    "",
  ].join("\n");
}

function membersOf(rows: MethodTable): StubMember[] {
  uniqueNames(
    rows,
    ({ method }) => stubPath(method).join("."),
    ({ method }) => `method ${method}`,
  );
  const names = [...new Set(rows.map(({ method }) => stubPath(method)[0] ?? ""))];
  return names.map((name) => {
    const own = rows.filter(({ method }) => stubPath(method)[0] === name);
    const isGroup = own.every(({ method }) => stubPath(method).length === 2);
    if (name === "on" || (!isGroup && own.length > 1)) throw new Error(`stub member ${name} would mean two things`);
    return { name, rows: own, isGroup };
  });
}

function memberType({ name, rows, isGroup }: StubMember): string[] {
  const [first] = rows;
  if (!isGroup && first !== undefined) return [...docs(first, "  "), `  ${name}${signature(first)};`];
  const methods = rows.flatMap((row) => [...docs(row, "    "), `    ${stubPath(row.method)[1]}${signature(row)};`]);
  return [`  readonly ${name}: {`, ...methods, "  };"];
}

function memberValue({ name, rows, isGroup }: StubMember): string[] {
  const [first] = rows;
  if (!isGroup && first !== undefined) return [`    ${name}: ${body(first)},`];
  return [`    ${name}: {`, ...rows.map((row) => `      ${stubPath(row.method)[1]}: ${body(row)},`), "    },"];
}

function docs({ method, since, errors }: MethodTableRow, indent: string): string[] {
  const refusals = errors.length === 0 ? "" : ` Refusals: ${errors.join(", ")}.`;
  return [`${indent}/** \`${method}\`, since ${since}.${refusals} */`];
}

function signature({ kind, params, result }: MethodTableRow): string {
  const first = params === null ? "" : `params: Sendable<T.${typeName(params)}>`;
  if (kind === "notice") return `(${first}): void`;
  const options = "options?: CallOptions";
  return `(${first === "" ? options : `${first}, ${options}`}): Promise<Received<T.${typeName(result ?? "EmptyResult")}>>`;
}

function body({ method, kind, params }: MethodTableRow): string {
  if (kind === "notice") {
    return params === null
      ? `() => runtime.notify(${literal(method)}, null)`
      : `(params) => runtime.notify(${literal(method)}, params)`;
  }
  if (params === null) return `(options) => runtime.call(${literal(method)}, null, options)`;
  return `(params, options) => runtime.call(${literal(method)}, params, options)`;
}
