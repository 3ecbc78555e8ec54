import type { Command } from "./program.ts";

/** A command as it is started, with what it must print and how it must exit. */
export interface KnownCommand {
  readonly argv: readonly string[];
  readonly input: Buffer | undefined;
  readonly stdout: Buffer;
  readonly exitCode: number;
}

const NOTHING = Buffer.alloc(0);

export function knownCommand(command: Command): KnownCommand {
  const quiet = { input: undefined, stdout: NOTHING, exitCode: 0 };
  switch (command.does) {
    case "echo":
      return { ...quiet, argv: ["printf", "%s", command.text], stdout: Buffer.from(command.text) };
    case "copy": {
      const input = pattern(command.bytes);
      return { ...quiet, argv: ["cat"], input, stdout: input };
    }
    case "flood":
      return {
        ...quiet,
        argv: ["head", "-c", String(command.bytes), "/dev/zero"],
        stdout: Buffer.alloc(command.bytes),
      };
    case "exit":
      return { ...quiet, argv: ["sh", "-c", 'exit "$1"', "sh", String(command.code)], exitCode: command.code };
    case "sleep":
      return { ...quiet, argv: ["sleep", String(command.ms / 1_000)] };
    case "count": {
      const script = 'i=0; while [ "$i" -lt "$1" ]; do echo "line $i"; i=$((i+1)); done';
      const lines = Array.from({ length: command.lines }, (_, index) => `line ${index}\n`);
      return { ...quiet, argv: ["sh", "-c", script, "sh", String(command.lines)], stdout: Buffer.from(lines.join("")) };
    }
    case "nothing there":
      return { ...quiet, argv: ["/nonexistent/holdfast-program"] };
  }
}

/** Bytes of which no part looks like another one nearby. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8) * 17 + (at >> 16)) & 0xff;
  return bytes;
}
