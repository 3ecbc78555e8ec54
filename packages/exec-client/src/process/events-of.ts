import { checkOptions, type OptionChecks, oneOf, wholeNumber } from "@holdfast/rpc/client";
import type { EventCursor } from "./event-cursor.ts";
import type { ProcessEvent } from "./events.ts";
import type { HoldingCursor } from "./holding-cursor.ts";
import type { ProcessChannel } from "./process-channel.ts";
import { type Subscription, subscribed } from "./subscription.ts";

/** Which events of a process to see, and what a slow subscriber means. */
export interface EventsOptions {
  /** Leave out events up to this number. Default: from the start, or from where `attach` began. */
  readonly afterSeq?: number | undefined;
  /**
   * What happens while this subscriber does not keep up. `hold`: the process waits, as before a full pipe, and nothing is lost. `gap`:
   * the process goes on, and beyond 16 MiB or 16,384 events the oldest are dropped, which is an `OutputGapError`. Default `hold`.
   */
  readonly whenSlow?: "hold" | "gap" | undefined;
}

const EVENTS_OPTIONS: OptionChecks<EventsOptions> = { afterSeq: wholeNumber(0), whenSlow: oneOf("hold", "gap") };

/** The events of one subscriber. One that is dropped half-way holds nothing any longer. */
export function eventsOf(channel: ProcessChannel, options: EventsOptions): AsyncGenerator<ProcessEvent, void, void> {
  checkOptions(options, EVENTS_OPTIONS, "events");
  const { afterSeq, whenSlow = "hold" } = options;
  return subscribed((subscription: Subscription<EventCursor | HoldingCursor>) =>
    generate(() => subscription.begin(whenSlow === "gap" ? channel.observe(afterSeq) : channel.subscribe(afterSeq))),
  );
}

async function* generate(subscribe: () => EventCursor | HoldingCursor): AsyncGenerator<ProcessEvent, void, void> {
  const cursor = subscribe();
  try {
    for (let event = await cursor.next(); event !== undefined; event = await cursor.next()) yield event;
  } finally {
    cursor.close();
  }
}
