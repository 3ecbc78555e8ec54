import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type ConnectAppServerOptions,
  type AppServer as ConnectedServer,
  connectAppServer,
} from "@holdfast/app-server-client";
import { memoryLink } from "@holdfast/rpc/memory";
import { tempDir } from "@holdfast/testkit";
import { type AppServer, createServerOf, type ServerParts } from "../../src/app-server/create-app-server.ts";
import type { AppServerOptions } from "../../src/app-server/index.ts";
import { refuseNotServed } from "../../src/app-server/refuse-not-served.ts";
import { rooms } from "../../src/app-server/rooms.ts";
import { EnvironmentRegistry, type EnvironmentRegistryOptions } from "../../src/index.ts";
import { localExecutor } from "../support/local-executor.ts";
import { RawClient } from "./raw-client.ts";

/** A server of app-server clients in this process, with its own home and this machine as its only environment. */
export interface OpenHost extends AsyncDisposable {
  /** Everything that the test writes lies below it. */
  readonly folder: string;
  readonly codexHome: string;
  /** Working folder of the server. */
  readonly cwd: string;
  /** Home of the user, as commands see it. */
  readonly userHome: string;
  readonly environments: EnvironmentRegistry;
  /** Another client each time, which asks for experimental methods. */
  client(options?: ConnectAppServerOptions): Promise<ConnectedServer>;
  /** One that sends frames as they are, and has not introduced itself. */
  rawClient(): RawClient;
  readonly server: AppServer;
}

/**
 * @property rooms - In the place of those that a server has.
 * @property recovery - What to do about lost connections. Default: as a registry does by itself.
 */
export type OpenHostOptions = Partial<AppServerOptions> &
  Partial<ServerParts> &
  Pick<EnvironmentRegistryOptions, "recovery">;

export async function openHost(given: OpenHostOptions = {}): Promise<OpenHost> {
  const { rooms: openRooms = rooms, refusals = refuseNotServed, recovery, ...options } = given;
  const temporary = await tempDir();
  const folder = temporary.path;
  const codexHome = join(folder, "home");
  const cwd = join(folder, "work");
  const userHome = join(folder, "user");
  for (const path of [codexHome, cwd, userHome]) mkdirSync(path);
  const local = localExecutor({ cwd, home: userHome });
  const environments = new EnvironmentRegistry({ environments: [local.definition], defaultId: "local", recovery });
  const host = createServerOf(
    { rooms: openRooms, refusals },
    { environments, codexHome, cwd, version: "1.2.3", ...options },
  );
  return {
    folder,
    codexHome,
    cwd,
    userHome,
    environments,
    server: host,
    rawClient() {
      const [near, far] = memoryLink();
      host.accept(far);
      return new RawClient(near);
    },
    async client(own = {}) {
      const [near, far] = memoryLink();
      host.accept(far);
      return await connectAppServer(near, { capabilities: { experimentalApi: true }, ...own });
    },
    async [Symbol.asyncDispose]() {
      await host.close();
      await environments.close();
      await local[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
