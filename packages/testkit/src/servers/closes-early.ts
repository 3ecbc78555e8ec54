import { type RawServer, rawServer, upgrade } from "./raw-websocket-server.ts";

/** Ends every connection as soon as it is there: before the upgrade, or right after it. */
export const closesAfter = (stage: "accept" | "upgrade"): Promise<RawServer> =>
  rawServer((socket) => {
    if (stage === "accept") socket.destroy();
    else upgrade(socket, () => socket.destroy());
  });
