import type { ServerNotices } from "@holdfast/app-server-protocol";
import type { HostClient, NoticeName } from "./host-client.ts";
import type { HostClients } from "./host-services.ts";

/** The clients that are connected and have introduced themselves. */
export class Clients implements HostClients {
  readonly #clients = new Set<HostClient>();

  list(): readonly HostClient[] {
    return [...this.#clients];
  }

  notifyAll<Name extends NoticeName>(name: Name, params: ServerNotices[Name]): void {
    for (const client of this.#clients) client.notify(name, params);
  }

  add(client: HostClient): void {
    this.#clients.add(client);
  }

  remove(client: HostClient): void {
    this.#clients.delete(client);
  }
}
