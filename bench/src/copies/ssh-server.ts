import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const SSHD = "/usr/sbin/sshd";
/** Programs that the comparison is made with. */
const NEEDED = [SSHD, "/usr/bin/ssh", "/usr/bin/ssh-keygen", "/usr/bin/scp", "/usr/bin/rsync"];
const START_TRIES = 100;
const START_PAUSE_MS = 20;

/** Programs that are not installed here. */
export function missingPrograms(): readonly string[] {
  return NEEDED.filter((path) => !existsSync(path));
}

/** An ssh server on loopback, with keys and configuration of its own. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** The configuration of a client that reaches it as `bench`, through this port. */
  clientConfig(port: number): Promise<string>;
}

/** @param folder - Of this run alone. */
export async function startSshServer(folder: string): Promise<SshServer> {
  const at = (name: string): string => join(folder, name);
  const port = await freePort();
  // It asks for this folder of its own, whoever starts it.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  for (const key of ["host-key", "user-key"]) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  await copyFile(at("user-key.pub"), at("authorized"));
  await chmod(at("authorized"), 0o600);
  const server = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host-key")}`,
    `AuthorizedKeysFile ${at("authorized")}`,
    "StrictModes no",
    "UsePAM no",
    `PidFile ${at("pid")}`,
    "PermitRootLogin yes",
    "Subsystem sftp internal-sftp",
  ];
  await writeFile(at("sshd.conf"), `${server.join("\n")}\n`);
  const child = spawn(SSHD, ["-D", "-f", at("sshd.conf"), "-E", at("log")], { stdio: "ignore" });
  const clientConfig = async (through: number): Promise<string> => {
    const client = [
      "Host bench",
      " HostName 127.0.0.1",
      ` Port ${through}`,
      ` IdentityFile ${at("user-key")}`,
      " IdentitiesOnly yes",
      " StrictHostKeyChecking no",
      ` UserKnownHostsFile ${at("known-hosts")}`,
      " LogLevel ERROR",
    ];
    await writeFile(at(`client-${through}.conf`), `${client.join("\n")}\n`);
    return at(`client-${through}.conf`);
  };
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await listening(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, clientConfig, [Symbol.asyncDispose]: stop };
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

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
    const socket = connect({ host: "127.0.0.1", port });
    const isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    await sleep(START_PAUSE_MS);
  }
  throw new Error("sshd does not listen");
}
