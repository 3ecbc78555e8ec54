import { STDERR_LINE_MAX_CHARACTERS } from "../limits.ts";

/** Lines of a stderr, without their ends. Of a line that is too long the beginning is kept, so that no flood is. */
export async function* complaintsOf(stderr: ReadableStream<string>): AsyncGenerator<string, void, void> {
  let line = "";
  for await (const piece of stderr) {
    const [first = "", ...others] = piece.split("\n");
    line = bounded(line + first);
    for (const next of others) {
      yield withoutReturn(line);
      line = bounded(next);
    }
  }
  if (line !== "") yield withoutReturn(line);
}

function bounded(line: string): string {
  return line.length > STDERR_LINE_MAX_CHARACTERS ? line.slice(0, STDERR_LINE_MAX_CHARACTERS) : line;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
