import { onChildExit } from "../platform/child-reaper.ts";
import type { Child, ChildEvents } from "./child.ts";
import { adoptConnection } from "./connection-child.ts";
import type { EndNews, HandedChild } from "./handed-child.ts";
import { adoptPipes } from "./pipe-child.ts";
import { adoptTerminal } from "./terminal-child.ts";

/** A child that was handed over, before it does anything. */
export interface AdoptedChild {
  readonly child: Child;
  /** To be called in the same turn, when its owner is ready to hear of its end. */
  goOn(): void;
}

/**
 * Go on with a child that another program in this very process has begun.
 *
 * @param news - Whether the end of its leader was told before.
 */
export function adoptChild(handed: HandedChild, events: ChildEvents, news: EndNews): AdoptedChild {
  if (handed.kind === "connection") return { child: adoptConnection(handed, events), goOn: () => {} };
  const child = handed.kind === "pipes" ? adoptPipes(handed, events) : adoptTerminal(handed, events);
  const { pid, status } = handed.leader;
  const goOn = (): void => {
    if (status === undefined) onChildExit(pid, (ended) => child.leaderEnded(ended));
    else child.leaderEnded(status, news);
  };
  return { child, goOn };
}
