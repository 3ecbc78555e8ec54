import type { WireClient } from "./wire/client.ts";
import { bytesOfMember } from "./wire/scan.ts";

const CLOSED = '"process/closed"';

export interface Flood {
  /** Raw bytes that have come. */
  bytes(): number;
  /** Resolves at `process/closed`. */
  readonly closed: Promise<void>;
  readonly processId: string;
}

/** Start a program and count its output without parsing it. Takes over the notices of the connection. */
export async function startFlood(client: WireClient, argv: readonly string[]): Promise<Flood> {
  const processId = client.newProcessId();
  const name = `"${processId}"`;
  let bytes = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  client.tapNotices((message) => {
    if (!message.subarray(0, 256).includes(name)) return false;
    const size = bytesOfMember(message, "chunk");
    if (size >= 0) bytes += size;
    else if (message.includes(CLOSED)) resolve();
    return true;
  });
  await client.call("process/start", { processId, argv, cwd: "file:///", env: { PATH: "/usr/bin:/bin" }, tty: false });
  return { bytes: () => bytes, closed, processId };
}
