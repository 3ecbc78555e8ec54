import { stdioPort, writeProgress } from "@holdfast/rpc/stdio";
import { abandonWhenStuck } from "../command-line/flushed.ts";
import type { Listening, ListenParts } from "./listening.ts";

/** Serve the one client that is at the other end of stdin and stdout. */
export function listenOnStdio({ executor, context: { stdin, stdout } }: ListenParts): Listening {
  abandonWhenStuck(stdout, writeProgress);
  const inputEnded = new Promise<void>((resolve) => {
    stdin.once("end", resolve).once("close", resolve).once("error", resolve);
  });
  const outputBroke = new Promise<void>((resolve) => {
    stdout.once("error", resolve).once("close", resolve);
  });
  executor.accept(stdioPort({ input: stdin, output: stdout }));
  return { url: undefined, ended: Promise.race([inputEnded, outputBroke]), close: async () => {} };
}
