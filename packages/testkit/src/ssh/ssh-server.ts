import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "../until.ts";

const run = promisify(execFile);
const SSHD = "/usr/sbin/sshd";
const NEEDED = [SSHD, "/usr/bin/ssh", "/usr/bin/ssh-keygen"];

/** What an ssh server and a client need and this machine lacks; empty where there can be both. */
export const missingForSsh: readonly string[] = NEEDED.filter((path) => !existsSync(path));

export interface SshServerOptions {
  /** Variables of whoever logs in, over those that the server sets. Neither may hold a blank. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** More lines of its configuration. Default: none. */
  readonly config?: readonly string[] | undefined;
  /** More public keys that may log in. Default: none. */
  readonly authorized?: readonly string[] | undefined;
}

export interface SshClientOptions {
  /** Where the server is reached. Default: where it listens. */
  readonly port?: number | undefined;
  /** More lines of the configuration, before all others, of which the first counts. Default: none. */
  readonly config?: readonly string[] | undefined;
}

/** An ssh server on loopback, with keys and configuration of its own. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** Its process: each connection has one below it. */
  readonly pid: number;
  /** The public half of its host key, as a line of a file of known hosts. */
  readonly knownHost: string;
  /** A file with the configuration of a client that reaches it as `box`. */
  clientConfig(options?: SshClientOptions): Promise<string>;
}

/** @param folder - Of this server alone. */
export async function startSshServer(folder: string, options: SshServerOptions = {}): Promise<SshServer> {
  const at = (name: string): string => join(folder, name);
  const port = await freePort();
  // It asks for this folder of its own, whoever starts it.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  for (const key of ["host-key", "user-key"]) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  await copyFile(at("user-key.pub"), at("authorized"));
  for (const key of options.authorized ?? []) await appendFile(at("authorized"), `${key}\n`);
  await chmod(at("authorized"), 0o600);
  const variables = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const server = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host-key")}`,
    `AuthorizedKeysFile ${at("authorized")}`,
    "StrictModes no",
    "UsePAM no",
    "UseDNS no",
    "PrintMotd no",
    "MaxStartups 100",
    `PidFile ${at("pid")}`,
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "Subsystem sftp internal-sftp",
    ...(variables.length === 0 ? [] : [`SetEnv ${variables.join(" ")}`]),
    ...(options.config ?? []),
  ];
  await writeFile(at("sshd.conf"), `${server.join("\n")}\n`);
  const child = spawn(SSHD, ["-D", "-f", at("sshd.conf"), "-E", at("log")], { stdio: "ignore" });
  let configurations = 0;
  const clientConfig = async (client: SshClientOptions = {}): Promise<string> => {
    const lines = [
      "Host box",
      ...(client.config ?? []).map((line) => ` ${line}`),
      " HostName 127.0.0.1",
      ` Port ${client.port ?? port}`,
      ` IdentityFile ${at("user-key")}`,
      " IdentitiesOnly yes",
      " StrictHostKeyChecking no",
      ` UserKnownHostsFile ${at("known-hosts")}`,
      " LogLevel ERROR",
    ];
    configurations += 1;
    const file = at(`client-${configurations}.conf`);
    await writeFile(file, `${lines.join("\n")}\n`);
    return file;
  };
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await until(() => listens(port), { intervalMs: 20 });
  } catch (error) {
    await stop();
    throw error;
  }
  const key = (await readFile(at("host-key.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  const knownHost = `[127.0.0.1]:${port} ${key}`;
  return { port, pid: child.pid ?? 0, knownHost, clientConfig, [Symbol.asyncDispose]: stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  const isThere = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isThere;
}
