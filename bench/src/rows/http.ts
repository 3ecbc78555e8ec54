import type { Row } from "../row.ts";
import { MIB, mibPerSecond } from "../units.ts";
import type { WireClient } from "../wire/client.ts";
import { bytesOfMember } from "../wire/scan.ts";

let requests = 0;

/** Fetch a body of `size` bytes over the executor's network, as a stream, and count it. */
export async function streamBody(client: WireClient, url: string, size: number): Promise<void> {
  let bytes = 0;
  const ended = new Promise<void>((resolve, reject) => {
    client.tapNotices((message) => {
      if (!message.subarray(0, 64).includes("bodyDelta")) return false;
      bytes += bytesOfMember(message, "deltaBase64");
      const tail = message.subarray(-256).toString("latin1");
      if (!tail.includes('"done":true') && !(message.length < 512 && message.includes('"done":true'))) return true;
      const error = /"error":"([^"]*)"/.exec(tail)?.[1];
      if (error === undefined) resolve();
      else reject(new Error(error));
      return true;
    });
  });
  const requestId = `r${++requests}`;
  await Promise.all([client.call("http/request", { method: "GET", url, requestId, streamResponse: true }), ended]);
  if (bytes !== size) throw new Error(`${bytes} bytes of ${size} came`);
}

/** A long body from a server beside the executor. */
export const httpStream: Row = {
  id: "http-stream",
  title: "`http/request`, streamed body",
  unit: "MiB/s",
  better: "higher",
  limit: {
    what: "fetch in Node",
    async measure({ origin, smoke }) {
      const size = (smoke ? 8 : 256) * MIB;
      const begin = performance.now();
      const { body } = await fetch(`${origin}/bytes/${size}`);
      for await (const _ of body ?? []);
      return mibPerSecond(size, begin);
    },
  },
  async measure({ client, origin, smoke }) {
    const size = (smoke ? 8 : 256) * MIB;
    const begin = performance.now();
    await streamBody(client, `${origin}/bytes/${size}`, size);
    return mibPerSecond(size, begin);
  },
};
