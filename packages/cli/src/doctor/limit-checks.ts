import type { LimitMeans } from "@holdfast/sandbox";
import { type Check, type Finding, missing, ok } from "./check.ts";

/** By what the limits of confined commands are kept here, should somebody set one. */
export function limitChecks(): readonly Check[] {
  return [
    {
      name: "limit: memory",
      isNeeded: false,
      why: "keeps --command-memory of confined commands; without it they are refused",
      look: () => lookFor("memory", "RLIMIT_DATA, for each process by itself: no cgroup with memory can be made here"),
    },
    {
      name: "limit: processes",
      isNeeded: false,
      why: "keeps --command-processes of confined commands; without it they are refused",
      look: () => lookFor("processes", "RLIMIT_NPROC in the sandbox"),
    },
  ];
}

async function lookFor(limit: "memory" | "processes", byResource: string): Promise<Finding> {
  const { findLimitMeans } = await import("@holdfast/executor");
  return findingOf(findLimitMeans()[limit], byResource);
}

function findingOf(means: LimitMeans, byResource: string): Finding {
  switch (means.kind) {
    case "group":
      return ok(`a cgroup for each command below ${means.parent} (version ${means.version})`);
    case "rlimit":
      return ok(byResource);
    case "none": {
      // A reason ends with what mends it.
      const at = means.reason.lastIndexOf(": ");
      return missing(means.reason.slice(0, at), means.reason.slice(at + 2));
    }
  }
}
