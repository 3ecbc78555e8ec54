import { type RawServer, rawServer } from "./raw-websocket-server.ts";

/** Accepts TCP connections and never answers the upgrade. */
export function neverUpgrades(): Promise<RawServer> {
  return rawServer((socket) => void socket.resume());
}
