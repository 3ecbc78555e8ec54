import { systemClock } from "@holdfast/rpc";

/** For a reader who takes something, but no more than what is on its way to him. */
const ABANDONED_WAIT_MS = 500;

/** How long a reader may take nothing at all before what is left is given up, milliseconds. */
const STUCK_MS = 5_000;

const abandoned = new WeakSet<NodeJS.WriteStream>();
const watched = new WeakMap<NodeJS.WriteStream, (stream: NodeJS.WriteStream) => number>();

/** Let the end of the program not wait for the reader of this output: what he does not take soon is lost. */
export function abandonOutput(stream: NodeJS.WriteStream): void {
  abandoned.add(stream);
}

/**
 * Let the end of the program wait only as long as the reader of this output takes something: one who does not read at all, with the
 * pipe open, would keep it for ever.
 *
 * @param progress - Changes whenever something was taken.
 */
export function abandonWhenStuck(stream: NodeJS.WriteStream, progress: (stream: NodeJS.WriteStream) => number): void {
  watched.set(stream, progress);
}

/** Resolves when the stream has handed everything to the system, or never will. */
export async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  const { promise: patience, resolve } = Promise.withResolvers<void>();
  if (abandoned.has(stream)) systemClock.after(ABANDONED_WAIT_MS, resolve);
  const progress = watched.get(stream);
  if (progress !== undefined) whenStuck(() => progress(stream), resolve);
  await Promise.race([whenWritten(stream), patience]);
}

function whenStuck(progress: () => number, stuck: () => void): void {
  const before = progress();
  systemClock.after(STUCK_MS, () => (progress() === before ? stuck() : whenStuck(progress, stuck)));
}

function whenWritten(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve();
    stream.once("error", done).once("finish", done).once("close", done);
    if (stream.destroyed || stream.writableFinished) resolve();
    else if (!stream.writableEnded) stream.write("", done);
  });
}
