import type { Socket } from "node:net";

/**
 * Joins two connections until both directions have ended. Each side waits for the other's buffers; the end of one direction is
 * passed on and leaves the other open; what breaks one breaks both.
 */
export function tunnel(client: Socket, upstream: Socket, idleTimeoutMs: number): void {
  join(client, upstream);
  join(upstream, client);
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
  }
  // All traffic passes here.
  client.setTimeout(idleTimeoutMs, () => client.destroy());
}

function join(from: Socket, to: Socket): void {
  // What is wrong with it is seen at its close.
  from.on("error", () => {});
  from.once("close", (hadError) => {
    if (hadError || !from.readableEnded) to.destroy();
    else to.destroySoon();
  });
  if (from.destroyed) to.destroy();
  else from.pipe(to);
}
