import { FLOOD, peakMib } from "../peak-memory.ts";
import { startFlood } from "../processes.ts";
import type { Row } from "../row.ts";
import { MIB } from "../units.ts";

/** A reader that takes a gulp every 50 ms while a process prints without end. */
export const slowReaderMemory: Row = {
  id: "slow-reader-memory",
  title: "memory under a slow reader, peak",
  unit: "MiB",
  better: "lower",
  fresh: true,
  async measure(context) {
    const flood = await startFlood(context.client, FLOOD);
    const { socket } = context.client;
    socket.pause();
    const peak = await peakMib(context, () => {
      socket.resume();
      setTimeout(() => socket.pause(), 1);
    });
    context.note(`${Math.round(flood.bytes() / MIB)} MiB read meanwhile`);
    return peak;
  },
};

/** A reader that is connected and never reads. */
export const stuckReaderMemory: Row = {
  id: "stuck-reader-memory",
  title: "memory under a reader that never reads, peak",
  unit: "MiB",
  better: "lower",
  fresh: true,
  async measure(context) {
    await startFlood(context.client, FLOOD);
    context.client.socket.pause();
    return peakMib(context);
  },
};
