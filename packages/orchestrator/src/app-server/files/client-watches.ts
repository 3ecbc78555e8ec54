import type { Executor } from "@holdfast/exec-client";
import { invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { ChangedPaths } from "./changed-paths.ts";
import { fileFault } from "./file-fault.ts";
import { WatchedPath } from "./watched-path.ts";

/** What clients watch. Each knows its own alone, by ids that it chose. */
export class ClientWatches {
  readonly #services: Pick<HostServices, "clock" | "log">;
  readonly #byClient = new Map<HostClient, Map<string, WatchedPath | undefined>>();
  readonly #ending = new Set<Promise<void>>();

  constructor(services: Pick<HostServices, "clock" | "log">) {
    this.#services = services;
  }

  /**
   * Begin to tell a client of the changes of a path.
   *
   * @param executorOf - Where it is.
   * @throws RpcFault - The client uses the id already; or it can not be watched.
   */
  async begin(
    client: HostClient,
    {
      watchId,
      find,
    }: {
      readonly watchId: string;
      readonly find: () => Promise<{ readonly executor: Executor; readonly path: string }>;
    },
  ): Promise<string> {
    const own = this.#byClient.get(client) ?? new Map<string, WatchedPath | undefined>();
    if (own.has(watchId)) throw invalidRequest(`watchId already exists: ${watchId}`);
    own.set(watchId, undefined);
    this.#byClient.set(client, own);
    const { clock, log } = this.#services;
    try {
      const { executor, path } = await find();
      const changes = new ChangedPaths({ client, clock, watchId, path });
      const watched = new WatchedPath({
        executor,
        path,
        changes,
        onFailure: (error) => log.warn(`${path} is not watched any more: ${fileFault(error).message}`),
      });
      await watched.begin();
      // It may have been given up meanwhile.
      if (own.has(watchId)) own.set(watchId, watched);
      else this.#end(watched);
      return path;
    } catch (error) {
      own.delete(watchId);
      throw fileFault(error);
    }
  }

  /** Without effect where there is no such watch. */
  end(client: HostClient, watchId: string): void {
    const own = this.#byClient.get(client);
    const watched = own?.get(watchId);
    own?.delete(watchId);
    if (watched !== undefined) this.#end(watched);
  }

  left(client: HostClient): void {
    const ids = [...(this.#byClient.get(client)?.keys() ?? [])];
    for (const watchId of ids) this.end(client, watchId);
    this.#byClient.delete(client);
  }

  async close(): Promise<void> {
    for (const client of [...this.#byClient.keys()]) this.left(client);
    await Promise.all(this.#ending);
  }

  #end(watched: WatchedPath): void {
    const ended = watched[Symbol.asyncDispose]().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
