import { inFlight } from "../in-flight.ts";
import { startFlood } from "../processes.ts";
import { type Curve, type RowContext, Unsupported } from "../row.ts";
import { MIB } from "../units.ts";
import type { WireClient } from "../wire/client.ts";

const IN_FLIGHT = 32;
/** A peer that has not started all of them by then is not asked further. */
const STARTING_MS = 20_000;
const METADATA = JSON.stringify({ path: "file:///usr/bin/true" });

/** Have the session know `count` processes that have ended. */
async function knowProcesses(client: WireClient, count: number): Promise<void> {
  const begin = performance.now();
  const late = () => performance.now() - begin > STARTING_MS;
  await inFlight(count, 16, async () => {
    if (!late()) await client.runToClose({ argv: ["/usr/bin/true"] });
  });
  if (late()) throw new Unsupported(`not started in ${STARTING_MS / 1_000} s`);
}

const byProcesses = {
  unit: "µs",
  better: "lower",
  x: "processes known to the session",
  values: [1, 10, 100, 1_000, 10_000],
  smokeValues: [1, 20],
} as const;

/** `process/read` of the newest process. */
export const callsByProcesses: Curve = {
  ...byProcesses,
  id: "calls-by-processes",
  title: `\`process/read\`, ${IN_FLIGHT} in flight: time per call`,
  async measure({ client, smoke }, count) {
    await knowProcesses(client, count);
    const params = JSON.stringify({ processId: `p${count}`, afterSeq: 0, waitMs: 0 });
    const calls = smoke ? 200 : 10_000;
    const begin = performance.now();
    await inFlight(calls, IN_FLIGHT, () => client.callWithJson("process/read", params));
    return ((performance.now() - begin) * 1_000) / calls;
  },
};

/** Output of one more process. */
export const noticesByProcesses: Curve = {
  ...byProcesses,
  id: "notices-by-processes",
  title: "`process/output`: time per notice of 8 KiB",
  async measure({ client, smoke }, count) {
    await knowProcesses(client, count);
    const size = (smoke ? 4 : 128) * MIB;
    const begin = performance.now();
    const flood = await startFlood(client, ["head", "-c", String(size), "/dev/zero"]);
    await flood.closed;
    return ((performance.now() - begin) * 1_000) / (size / 8_192);
  },
};

async function connections({ client, connect }: RowContext, count: number): Promise<readonly WireClient[]> {
  const clients = [client];
  while (clients.length < count) clients.push(await connect());
  return clients;
}

/** Small calls over all connections at once; as many in flight, however many there are. */
export const callsByConnections: Curve = {
  id: "calls-by-connections",
  title: "`fs/getMetadata` over all connections: time per call",
  unit: "µs",
  better: "lower",
  x: "connections",
  values: [1, 10, 50, 200],
  smokeValues: [1, 5],
  async measure(context, count) {
    const clients = await connections(context, count);
    const calls = context.smoke ? 400 : 20_000;
    const begin = performance.now();
    await inFlight(
      calls,
      Math.max(count, IN_FLIGHT),
      (index) => clients[index % count]?.callWithJson("fs/getMetadata", METADATA) ?? Promise.resolve(),
    );
    return ((performance.now() - begin) * 1_000) / calls;
  },
};

/** The same on one connection, while the others are only there. */
export const callsBesideIdle: Curve = {
  ...callsByConnections,
  id: "calls-beside-idle-connections",
  title: "`fs/getMetadata` on one connection, the others idle: time per call",
  async measure(context, count) {
    const [client] = await connections(context, count);
    const calls = context.smoke ? 400 : 20_000;
    const begin = performance.now();
    await inFlight(calls, IN_FLIGHT, () => client?.callWithJson("fs/getMetadata", METADATA) ?? Promise.resolve());
    return ((performance.now() - begin) * 1_000) / calls;
  },
};
