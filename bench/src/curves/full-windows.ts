import { FLOOD, peakMib } from "../peak-memory.ts";
import { startFlood } from "../processes.ts";
import type { Curve } from "../row.ts";
import type { WireClient } from "../wire/client.ts";

/** Readers that never read, each with a process that prints without end: all windows are full. */
export const fullWindowsMemory: Curve = {
  id: "full-windows-memory",
  title: "memory with full windows, peak",
  unit: "MiB",
  better: "lower",
  x: "connections that never read",
  values: [1, 10, 50, 200],
  smokeValues: [1, 4],
  async measure(context, count) {
    const clients: WireClient[] = [context.client];
    while (clients.length < count) clients.push(await context.connect());
    for (const client of clients) {
      await startFlood(client, FLOOD);
      client.socket.pause();
    }
    return peakMib(context);
  },
};
