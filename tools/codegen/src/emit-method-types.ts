import { literal, typeName } from "./identifiers.ts";
import { type MethodTable, rowsOf } from "./method-table.ts";

/** Interfaces from method to wire types, as source. */
export function emitMethodTypes(methods: MethodTable): string {
  return [
    'import type * as T from "../wire-types.ts";\n',
    requests(
      "ClientRequests",
      "Requests that clients send, with what they take and give.",
      rowsOf(methods, "request", "client"),
    ),
    requests(
      "ServerRequests",
      "Requests that servers send, with what they take and give.",
      rowsOf(methods, "request", "server"),
    ),
    notices("ClientNotices", "Notices that clients send.", rowsOf(methods, "notice", "client")),
    notices("ServerNotices", "Notices that servers send.", rowsOf(methods, "notice", "server")),
  ].join("\n");
}

function requests(name: string, doc: string, rows: MethodTable): string {
  const lines = rows.map(
    ({ method, params, result }) => `  ${literal(method)}: { params: ${typeOf(params)}; result: ${typeOf(result)} };\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function notices(name: string, doc: string, rows: MethodTable): string {
  const lines = rows.map(({ method, params }) => `  ${literal(method)}: ${typeOf(params)};\n`);
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join("")}}\n`;
}

function typeOf(name: string | null): string {
  return name === null ? "null" : `T.${typeName(name)}`;
}
