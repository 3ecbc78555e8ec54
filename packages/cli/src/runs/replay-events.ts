import { OutputGapError, type ProcessEvent, type RunningProcess } from "@holdfast/exec-client";

/** The events of a run in order. What the executor no longer has is told, and passed over. */
export async function* replayEvents(
  process: RunningProcess,
  onGap: (gap: OutputGapError) => void,
): AsyncGenerator<ProcessEvent, void, void> {
  let afterSeq = 0;
  for (;;) {
    try {
      yield* process.events({ afterSeq });
      return;
    } catch (error) {
      if (!(error instanceof OutputGapError) || error.toSeq <= afterSeq || !(await isAlive(process))) throw error;
      onGap(error);
      afterSeq = error.toSeq;
    }
  }
}

/** Whether its events can still be had; a gap that ended them all can not be passed over. */
async function isAlive(process: RunningProcess): Promise<boolean> {
  const pending = Symbol();
  return Promise.race([process.closed, Promise.resolve(pending)]).then(
    () => true,
    () => false,
  );
}

/** One line for people about what is gone. */
export function gapText({ missingEvents, missingBytes }: OutputGapError): string {
  const bytes = missingBytes === undefined ? "" : `, ${missingBytes} bytes`;
  const pieces = missingEvents === 1 ? "1 piece" : `${missingEvents} pieces`;
  return `${pieces} of the output${bytes} gone: the executor keeps the newest 1 MiB`;
}
