import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pattern } from "./commands.ts";

/** A web server that answers `/N` with N known bytes. */
export class Origin implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(): Promise<Origin> {
    const server = createServer((request, response) => {
      response.on("error", () => {});
      response.end(pattern(Number(request.url?.slice(1))));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Origin(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
