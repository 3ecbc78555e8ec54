import type { Executor } from "@holdfast/exec-client";
import { invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { ChangedPaths } from "./changed-paths.ts";
import { fileFault } from "./file-fault.ts";
import { SharedWatches } from "./shared-watches.ts";

/** What a client is to be told of. */
export interface WatchRequest {
  readonly watchId: string;
  /** Where it is. */
  readonly find: () => Promise<{ readonly executor: Executor; readonly path: string }>;
}

/** What clients watch. Each knows its own alone, by ids that it chose. */
export class ClientWatches {
  readonly #services: Pick<HostServices, "clock" | "log">;
  readonly #byClient = new Map<HostClient, Map<string, Disposable | undefined>>();
  readonly #shared: SharedWatches;

  constructor(services: Pick<HostServices, "clock" | "log">) {
    this.#services = services;
    this.#shared = new SharedWatches((path, error) => {
      services.log.warn(`${path} is not watched any more: ${fileFault(error).message}`);
    });
  }

  /**
   * Begin to tell a client of the changes of a path.
   *
   * @returns the path.
   * @throws RpcFault - The client uses the id already; or it can not be watched.
   */
  async begin(client: HostClient, { watchId, find }: WatchRequest): Promise<string> {
    const own = this.#byClient.get(client) ?? new Map<string, Disposable | undefined>();
    if (own.has(watchId)) throw invalidRequest(`watchId already exists: ${watchId}`);
    own.set(watchId, undefined);
    this.#byClient.set(client, own);
    try {
      const { executor, path } = await find();
      const changes = new ChangedPaths({ client, clock: this.#services.clock, watchId, path });
      const listening = await this.#shared.listen(executor, path, changes);
      const watch: Disposable = {
        [Symbol.dispose]: () => {
          changes.close();
          listening[Symbol.dispose]();
        },
      };
      // It may have been given up meanwhile.
      if (own.has(watchId) && !client.gone.aborted) own.set(watchId, watch);
      else watch[Symbol.dispose]();
      return path;
    } catch (error) {
      own.delete(watchId);
      throw fileFault(error);
    }
  }

  /** Without effect where there is no such watch. */
  end(client: HostClient, watchId: string): void {
    const own = this.#byClient.get(client);
    const watch = own?.get(watchId);
    own?.delete(watchId);
    watch?.[Symbol.dispose]();
  }

  left(client: HostClient): void {
    for (const watch of this.#byClient.get(client)?.values() ?? []) watch?.[Symbol.dispose]();
    this.#byClient.delete(client);
  }

  async close(): Promise<void> {
    for (const client of [...this.#byClient.keys()]) this.left(client);
    await this.#shared.settled();
  }
}
