import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";

const OWN = 0o600;

/** A socket that only this user can open, under a name that may have belonged to somebody who is gone. */
export interface PrivateListener {
  /** Whether others still find it under its name. */
  readonly isFound: boolean;
  close(): void;
}

/**
 * Listen in a folder that nobody else may enter. The name is taken when everything else is done, so that nobody finds a socket behind it
 * that does not answer; of two who take it at once the later one has it.
 */
export async function listenPrivately(path: string, onSocket: (socket: Socket) => void): Promise<PrivateListener> {
  const server = createServer({ noDelay: true }, onSocket);
  const aside = `${path}.${process.pid}`;
  rmSync(aside, { force: true });
  await listen(server, aside);
  chmodSync(aside, OWN);
  const { ino } = lstatSync(aside);
  renameSync(aside, path);
  return {
    get isFound() {
      return inodeOf(path) === ino;
    },
    close() {
      server.close();
      // Another one may stand there by now.
      if (inodeOf(path) === ino) rmSync(path, { force: true });
    },
  };
}

/** Whether somebody answers there. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.removeListener("error", reject);
      server.on("error", () => {});
      resolve();
    });
  });
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}
