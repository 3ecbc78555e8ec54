import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * http-origin.ts
 *
 * `GET /bytes/N` answers N bytes. Prints its port to the parent.
 */

const BLOCK = Buffer.alloc(65_536, "holdfast");

const server = createServer((request, response) => {
  let left = Number(request.url?.split("/").at(-1));
  response.writeHead(200, { "content-length": left });
  const send = (): void => {
    while (left > 0) {
      const bytes = Math.min(left, BLOCK.length);
      left -= bytes;
      if (!response.write(bytes === BLOCK.length ? BLOCK : BLOCK.subarray(0, bytes))) {
        response.once("drain", send);
        return;
      }
    }
    response.end();
  };
  send();
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
