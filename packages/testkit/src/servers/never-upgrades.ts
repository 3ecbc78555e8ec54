import { type RawServer, rawServer } from "./raw-websocket-server.ts";

/** Accepts TCP connections and never answers the upgrade. */
export const neverUpgrades = (): Promise<RawServer> => rawServer((socket) => void socket.resume());
