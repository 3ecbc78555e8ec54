import { type RawServer, rawServer, upgrade } from "./raw-websocket-server.ts";

/** Ends every connection as soon as it is there: before the upgrade, or right after it. */
export function closesAfter(stage: "accept" | "upgrade"): Promise<RawServer> {
  return rawServer((socket) => {
    if (stage === "accept") socket.destroy();
    else upgrade(socket, () => socket.destroy());
  });
}
