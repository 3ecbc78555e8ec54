import { type RawServer, rawServer, upgrade } from "./raw-websocket-server.ts";

/** Upgrades, sends the first half of a text frame of 100 bytes, and then nothing, without closing. */
export function stallsAfterHalfFrame(): Promise<RawServer> {
  return rawServer((socket) => {
    upgrade(socket, () => {
      const header = Buffer.from([0x81, 100]);
      socket.write(Buffer.concat([header, Buffer.alloc(50, '{"id":1,"result":')]));
    });
  });
}
