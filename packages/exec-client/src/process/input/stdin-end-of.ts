import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { randomUuid } from "../../random-uuid.ts";
import type { ProcessControl } from "../process-control.ts";
import type { StdinKind } from "../stdin-kind.ts";
import { StdinWriter } from "../stdin-writer.ts";
import { FramedStdinEnd } from "./framed-stdin-end.ts";
import { PipeStdin } from "./pipe-stdin.ts";
import type { StdinEnd } from "./stdin-end.ts";
import { TerminalStdin } from "./terminal-stdin.ts";

interface StdinParts {
  readonly processId: string;
  readonly stub: Pick<ExecServerClient, "process">;
  readonly control: ProcessControl;
  /** Whether the executor keeps writes in the order in which they were sent. */
  readonly isOrdered: boolean;
}

/** The stdin of a process that was started like this, or that another client started. */
export function stdinEndOf(
  kind: StdinKind | "attached",
  { processId, stub, control, isOrdered }: StdinParts,
): StdinEnd {
  // The executor knows the numbers of earlier writers.
  const idPrefix = kind === "attached" ? `${randomUuid()}:` : "";
  const writer = new StdinWriter(processId, stub, { idPrefix, isOrdered });
  if (kind === "stream" || kind === "file") return new FramedStdinEnd(processId, writer);
  if (kind === "terminal") return new TerminalStdin(writer);
  return new PipeStdin(processId, writer, () => control.closeStdin());
}
