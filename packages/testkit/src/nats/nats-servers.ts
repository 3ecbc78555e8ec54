import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { until } from "../until.ts";

const PLACES = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"];
const PROGRAM = PLACES.find((path) => existsSync(path));

/** What NATS servers need and this machine lacks; nothing where there can be some. Debian has them as the package `nats-server`. */
export const missingForNats: string | undefined =
  PROGRAM === undefined ? `no nats-server at ${PLACES.join(", ")}: apt-get install nats-server` : undefined;

export interface NatsServer {
  /** `nats://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Its process; another one after each start. */
  readonly pid: number;
  /** @param signal - Default `SIGKILL`. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** With the same port and what it has on its disk. */
  start(): Promise<void>;
  /** Stop it where it is, so that it neither answers nor closes anything; and let it go on. */
  pause(isPaused: boolean): Promise<void>;
}

export interface NatsServers extends AsyncDisposable {
  readonly servers: readonly NatsServer[];
  /** All of them, with a comma between. */
  readonly url: string;
}

export interface NatsServersOptions {
  /** More than one is a cluster. Default 1. */
  readonly count?: number | undefined;
  /** More lines of the configuration of each. Default none. */
  readonly config?: string | undefined;
  /** Default true. */
  readonly hasJetStream?: boolean | undefined;
}

/** NATS servers with JetStream on loopback. @param folder - Of these servers alone. */
export async function startNatsServers(folder: string, options: NatsServersOptions = {}): Promise<NatsServers> {
  const { count = 1, config = "", hasJetStream = true } = options;
  const ports = await freePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const servers: Server[] = [];
  for (let index = 0; index < count; index += 1) {
    const home = join(folder, `nats-${index}`);
    await mkdir(home, { recursive: true });
    const cluster = `cluster { name: trial, listen: "127.0.0.1:${ports[count + index]}", routes: ${JSON.stringify(routes)} }`;
    const lines = [
      `server_name: trial-${index}`,
      `listen: "127.0.0.1:${ports[index]}"`,
      `log_file: ${JSON.stringify(join(home, "log"))}`,
      !hasJetStream
        ? ""
        : `jetstream { store_dir: ${JSON.stringify(join(home, "store"))}, max_file_store: 2147483648 }`,
      ...(count === 1 ? [] : [cluster]),
      config,
    ];
    await writeFile(join(home, "conf"), `${lines.join("\n")}\n`);
    servers.push(new Server(home, ports[index] ?? 0));
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, url: servers.map(({ url }) => url).join(","), [Symbol.asyncDispose]: stop };
}

class Server implements NatsServer {
  readonly port: number;
  readonly url: string;
  readonly #home: string;
  #child: ReturnType<typeof spawn> | undefined;

  constructor(home: string, port: number) {
    this.#home = home;
    this.port = port;
    this.url = `nats://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (PROGRAM === undefined) throw new Error(missingForNats);
    await writeFile(join(this.#home, "log"), "");
    const child = spawn(PROGRAM, ["-c", join(this.#home, "conf")], { stdio: "ignore" });
    this.#child = child;
    const log = (): Promise<string> => readFile(join(this.#home, "log"), "utf8");
    await until(async () => child.exitCode === null && (await log()).includes("Server is ready"), {
      intervalMs: 20,
      what: "a NATS server that is ready",
    });
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    // One that is paused takes no other signal.
    if (signal === "SIGTERM") child.kill("SIGCONT");
    await ended;
  }

  async pause(isPaused: boolean): Promise<void> {
    this.#child?.kill(isPaused ? "SIGSTOP" : "SIGCONT");
    await until(async () => (await stateOf(this.pid)).startsWith("T") === isPaused);
  }
}

/** Its state for the kernel: a letter, and what that means. */
async function stateOf(pid: number): Promise<string> {
  return /^State:\s+(.*)$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}
