import { systemClock } from "@holdfast/rpc";

/** For a reader who takes something, but no more than what is on its way to him. */
const ABANDONED_WAIT_MS = 500;

const abandoned = new WeakSet<NodeJS.WriteStream>();

/** Let the end of the program not wait for the reader of this output: what he does not take soon is lost. */
export function abandonOutput(stream: NodeJS.WriteStream): void {
  abandoned.add(stream);
}

/** Resolves when the stream has handed everything to the system, or never will. */
export async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  const { promise: patience, resolve } = Promise.withResolvers<void>();
  if (abandoned.has(stream)) systemClock.after(ABANDONED_WAIT_MS, resolve);
  await Promise.race([whenWritten(stream), patience]);
}

function whenWritten(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve();
    stream.once("error", done).once("finish", done).once("close", done);
    if (stream.destroyed || stream.writableFinished) resolve();
    else if (!stream.writableEnded) stream.write("", done);
  });
}
