import { nativeArguments } from "../../native-words.ts";

/** A program that can take the place of this one. */
export interface Successor {
  /** Absolute path of Node. */
  readonly node: string;
  /** What comes before the words of the command line: options of Node, and the program. */
  readonly program: readonly string[];
}

/** A program and what it is told. */
export interface Invocation extends Successor {
  /** The words of the command line, in native text. */
  readonly words: readonly string[];
}

/** What this process was started with, as it is on disk now. */
export function ownInvocation(): Invocation {
  return {
    node: process.execPath,
    program: [...process.execArgv, ...process.argv.slice(1, 2)],
    words: nativeArguments(process.argv.slice(2)),
  };
}
