import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostServices } from "../../src/app-server/host-services.ts";
import { rooms } from "../../src/app-server/rooms.ts";
import { type OpenHost, type OpenHostOptions, openHost } from "./open-host.ts";
import type { Message, RawClient } from "./raw-client.ts";

/** A host with a configuration, a client that has introduced itself, and what its rooms have in common. */
export interface ServicesHost extends AsyncDisposable {
  readonly host: OpenHost;
  readonly services: HostServices;
  readonly client: RawClient;
  /** The user's file. */
  readonly file: string;
  /** What a request is answered: its result, or `error` with code, message and data. */
  ask(method: string, params?: unknown): Promise<unknown>;
}

export async function openServices(config?: string, options: OpenHostOptions = {}): Promise<ServicesHost> {
  const found: HostServices[] = [];
  const host = await openHost({
    variables: process.env,
    ...options,
    rooms(services) {
      found.push(services);
      return rooms(services);
    },
  });
  const file = join(host.codexHome, "config.toml");
  if (config !== undefined) await writeFile(file, config);
  const client = host.rawClient();
  await client.initialize();
  let lastId = 0;
  return {
    host,
    services: found[0] as HostServices,
    client,
    file,
    async ask(method, params) {
      lastId += 1;
      const { result, error } = await client.answerTo({ id: lastId, method, params } satisfies Message);
      return error === undefined ? result : { error };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
