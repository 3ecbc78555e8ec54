import type { ListenAddress } from "../serve/listen-address.ts";

const LOOPBACK_NOTE = "binds localhost only (use SSH port-forwarding for remote access)";
const OPEN_NOTE = "reachable from other machines; clients need the credentials of --ws-auth or --tls-client-ca";

/** What whoever starts a server that listens reads of it, in the form in which Codex says it: programs look for the second line. */
export function listeningOn(url: string, address: ListenAddress): string {
  if (address.kind !== "websocket") return linesOf("unix socket", [["listening on", url]]);
  const http = url.replace(/^ws/, "http");
  return linesOf("WebSockets", [
    ["listening on", url],
    ["readyz", `${http}/readyz`],
    ["healthz", `${http}/healthz`],
    ["note", address.isLoopback ? LOOPBACK_NOTE : OPEN_NOTE],
  ]);
}

function linesOf(kind: string, facts: readonly (readonly [string, string])[]): string {
  return [`holdfast app-server (${kind})`, ...facts.map(([name, value]) => `  ${name}: ${value}`), ""].join("\n");
}
