import { literal, typeName } from "./identifiers.ts";
import { type MethodTable, type MethodTableRow, rowsOf } from "./method-table.ts";

/** Names of one direction: who receives. */
interface Side {
  readonly role: string;
  readonly handlers: string;
  readonly router: string;
  readonly factory: string;
  readonly requests: string;
  readonly notices: string;
  /** Interfaces that list the methods of each kind. */
  readonly requestMap: string;
  readonly noticeMap: string | null;
  /** Quick checks of the params of its requests. */
  readonly quick: string | null;
}

const SERVER: Side = {
  role: "executor",
  handlers: "ExecServerHandlers",
  router: "ExecServerRouter",
  factory: "createExecServerRouter",
  requests: "SERVER_REQUEST_ROUTES",
  notices: "SERVER_NOTICE_ROUTES",
  requestMap: "ClientRequests",
  noticeMap: "ClientNotices",
  quick: "QUICK_PARAMS",
};

const CLIENT: Side = {
  role: "client",
  handlers: "ExecServerCallbackHandlers",
  router: "ExecServerCallbackRouter",
  factory: "createExecServerCallbackRouter",
  requests: "CALLBACK_REQUEST_ROUTES",
  notices: "CALLBACK_NOTICE_ROUTES",
  requestMap: "ServerRequests",
  noticeMap: null,
  quick: null,
};

/** Handler interface, routes and router of the side that answers clients, as source. */
export function emitServer(methods: MethodTable): string {
  return emitSide(SERVER, rowsOf(methods, "request", "client"), rowsOf(methods, "notice", "client"));
}

/** The same for clients that answer requests of the server. Notices of the server are heard through the client stub. */
export function emitCallbacks(methods: MethodTable): string {
  return emitSide(CLIENT, rowsOf(methods, "request", "server"), []);
}

function emitSide(side: Side, requests: MethodTable, notices: MethodTable): string {
  const { role, handlers, router, factory } = side;
  const requestNames = `keyof ${side.requestMap}`;
  const noticeNames = side.noticeMap === null ? "never" : `keyof ${side.noticeMap}`;
  const maps = [side.requestMap, ...(side.noticeMap === null ? [] : [side.noticeMap])].sort();
  const schemas = [...requests, ...notices].some(({ params }) => params !== null);
  return [
    'import { createRouter, type Handler, type Route, type Router } from "../router.ts";',
    ...([...requests, ...notices].some(({ params, result }) => params !== null || result !== null)
      ? ['import type * as T from "../wire-types.ts";']
      : []),
    `import type { ${maps.join(", ")} } from "./method-types.gen.ts";`,
    ...(side.quick === null ? [] : [`import { ${side.quick} } from "./quick-checks.gen.ts";`]),
    ...(schemas ? ['import { METHOD_SCHEMAS } from "./zod.gen.ts";'] : []),
    "",
    "/** One entry per method. `unsupported` leaves a method out on purpose: it is answered -32601. */",
    `export interface ${handlers}<Context> {`,
    ...requests.map(
      (row) => `  ${literal(row.method)}: Handler<${typeOf(row.params)}, ${typeOf(row.result)}, Context>;`,
    ),
    ...notices.map((row) => `  ${literal(row.method)}: (params: ${typeOf(row.params)}, context: Context) => void;`),
    "}",
    "",
    ...routes(side.requests, requestNames, requests),
    ...routes(side.notices, noticeNames, notices),
    "/** Finds handlers and decodes params. */",
    `export type ${router}<Context> = Router<${requestNames}, ${noticeNames}, Context>;`,
    "",
    `export function ${factory}<Context>(handlers: ${handlers}<Context>): ${router}<Context> {`,
    `  return createRouter({ role: ${literal(role)}, requests: ${side.requests}, notices: ${side.notices}, handlers${side.quick === null ? "" : `, quick: ${side.quick}`} });`,
    "}",
    "",
  ].join("\n");
}

function routes(name: string, names: string, rows: MethodTable): string[] {
  return [
    `const ${name}: Readonly<Record<${names}, Route>> = {`,
    ...rows.map(
      (row) =>
        `  ${literal(row.method)}: { params: ${schemaOf(row)}, family: ${row.family === null ? "undefined" : literal(row.family)} },`,
    ),
    "};",
    "",
  ];
}

function schemaOf({ method, params }: MethodTableRow): string {
  return params === null ? "null" : `METHOD_SCHEMAS[${literal(method)}].params`;
}

function typeOf(name: string | null): string {
  return name === null ? "null" : `T.${typeName(name)}`;
}
