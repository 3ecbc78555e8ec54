import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { resetSocket } from "@holdfast/rpc/tcp";
import { descriptorOf } from "../platform/stream-descriptor.ts";

/** Address and port of who has connected. */
export interface Origin {
  readonly host: string;
  readonly port: number;
}

/** A connection that waits to be taken. Nothing was read from it. */
export interface Incoming {
  /** Undefined: by a unix socket. */
  readonly from: Origin | undefined;
  /** Take it. Nothing is read from it before it is resumed. */
  take(): Socket;
  /** Nobody wants it. */
  refuse(): void;
  /** For the next program; undefined when it is gone. */
  handOver(): HandedIncoming | undefined;
}

/** A connection that another program takes. */
export interface HandedIncoming {
  readonly fd: number;
  readonly from?: Origin | undefined;
}

/**
 * A connection of this program's, paused.
 *
 * @param gone - Called when it has ended before it was taken.
 */
export function incomingOf(socket: Socket, gone: (incoming: Incoming) => void): Incoming {
  const { remoteAddress: host, remotePort: port } = socket;
  const from = host === undefined || port === undefined ? undefined : { host, port };
  // Told by its end.
  const ignored = (): void => {};
  const closed = (): void => gone(incoming);
  socket.on("error", ignored);
  socket.on("close", closed);
  const incoming: Incoming = {
    from,
    take: () => {
      socket.off("close", closed);
      return socket;
    },
    refuse: () => {
      socket.off("close", closed);
      if (from === undefined) socket.destroy();
      else resetSocket(socket);
    },
    handOver: () => {
      const fd = descriptorOf(socket);
      return fd === undefined ? undefined : { fd, from };
    },
  };
  return incoming;
}

/** One that another program has not taken yet: a descriptor until it is. */
export function adoptIncoming({ fd, from }: HandedIncoming): Incoming {
  return {
    from,
    take: () => new Socket({ fd, readable: true, writable: true, allowHalfOpen: true }).pause(),
    refuse: () => closeSync(fd),
    handOver: () => ({ fd, from }),
  };
}
