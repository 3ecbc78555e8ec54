import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

const STDIN = 0;
const STDOUT = 1;

/**
 * Standard input and output of this process, which never keep it waiting in a write: `process.stdout` does where it is a pipe, and a
 * process that waits there notices nothing else.
 *
 * @param given - What the process has as streams, for what is no pipe or socket.
 */
export function standardStreams(given: { readonly stdin: () => Readable; readonly stdout: () => Writable }) {
  const input = socketOf(STDIN, { readable: true, writable: false }) ?? given.stdin();
  const output = socketOf(STDOUT, { readable: false, writable: true }) ?? given.stdout();
  return { input, output };
}

function socketOf(fd: number, ways: { readonly readable: boolean; readonly writable: boolean }): Socket | undefined {
  try {
    return new Socket({ fd, ...ways });
  } catch {
    // A file or a terminal.
    return undefined;
  }
}
