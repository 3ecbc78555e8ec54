import type { Server } from "node:net";
import type { Clock } from "../clock.ts";
import { bindSocketFile, foundSocketFile } from "../unix-socket/socket-file.ts";
import { socketUrl } from "../unix-socket/socket-path.ts";
import type { ListenWebSocketOptions } from "./listen-options.ts";
import { urlOf } from "./peer-name.ts";

/** Where a server listens. */
export interface Binding {
  readonly url: string;
  /** Take the name of a socket away that was made here. */
  release(): void;
}

type Place = Pick<ListenWebSocketOptions, "host" | "port" | "path" | "descriptor" | "ownsPath" | "tls">;

/**
 * Have a server listen.
 *
 * @throws RangeError for no place or more than one, or the system's error.
 */
export async function bind(server: Server, place: Place, clock: Clock): Promise<Binding> {
  const { host, port, path, descriptor, tls } = place;
  const isTcp = host !== undefined && port !== undefined && path === undefined && descriptor === undefined;
  if (!isTcp && (host !== undefined || port !== undefined || (path ?? descriptor) === undefined)) {
    throw new RangeError("listen on host and port, on path, or on descriptor");
  }
  if (path !== undefined && tls !== undefined) throw new RangeError("a unix socket does not need tls, and has none");
  if (path !== undefined && descriptor === undefined) {
    const { remove } = await bindSocketFile(server, path, clock);
    return { url: socketUrl(path), release: remove };
  }
  await listening(server, (done) =>
    descriptor === undefined ? server.listen(port, host, done) : server.listen({ fd: descriptor }, done),
  );
  const isOwn = path !== undefined && place.ownsPath === true;
  return { url: boundUrl(server, place), release: isOwn ? foundSocketFile(path).remove : () => {} };
}

function listening(server: Server, listen: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    listen(() => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

function boundUrl(server: Server, { path, tls }: Place): string {
  const address = server.address();
  if (path !== undefined) return socketUrl(path);
  if (address !== null && typeof address === "object") return urlOf(address, tls === undefined ? "ws" : "wss");
  throw new RangeError("the descriptor is of a unix socket: its path must be given beside it");
}
