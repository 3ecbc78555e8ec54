import { EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { duplicate } from "@holdfast/executor";
import type { WebSocketListener } from "@holdfast/rpc/websocket";
import type { Listening, PausedListening } from "../listening.ts";
import type { Secrets } from "../secrets.ts";

/** Time that clients who are connecting get before the executor is replaced. */
const HANDSHAKES_MS = 500;

/**
 * Listen so that another program can go on with the socket.
 *
 * @param open - Listens on a socket that is there, or on a new one.
 * @param listener - The socket of the program before this one.
 * @param secrets - What clients are asked for, and read anew with.
 */
export async function replaceableListening(
  open: (descriptor: number | undefined) => Promise<WebSocketListener>,
  listener: number | undefined,
  secrets: Secrets,
): Promise<Listening> {
  let current = await open(listener);
  const pause = async (): Promise<PausedListening> => {
    const { descriptor } = current;
    const fd = descriptor === undefined ? undefined : duplicate(descriptor);
    if (fd === undefined) throw new Error("the socket that it listens on can't be handed over");
    await current.stopListening(HANDSHAKES_MS);
    const resume = async (): Promise<void> => {
      current = await open(fd);
    };
    return { fd, resume };
  };
  const close = () => current.close(EXECUTOR_SHUTDOWN.reason);
  const reload: Listening["reload"] = (next) => secrets.reload(next, (tls) => current.setTls(tls));
  return { url: current.url, ended: new Promise(() => {}), reload, close, pause };
}
