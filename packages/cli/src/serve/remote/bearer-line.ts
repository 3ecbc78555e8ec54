import type { Context } from "../../command-line/context.ts";
import { CommandFailure } from "../../command-line/failure.ts";
import { isToken } from "./relay-token.ts";
import { MAX_LINE_BYTES, readLines } from "./stdin-lines.ts";

/** The token that is the first line of stdin. @throws CommandFailure it is none. */
export function readBearerLine(stdin: Context["stdin"]): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (): void =>
      reject(
        new CommandFailure(
          `--registration-bearer-stdin: expected one line with a token on stdin, ended by a newline, of at most ${MAX_LINE_BYTES} bytes`,
        ),
      );
    const stop = readLines(stdin, {
      line: (text) => {
        stop();
        const token = text?.trim();
        if (token === undefined || !isToken(token)) refuse();
        else resolve(token);
      },
      ended: refuse,
    });
  });
}
