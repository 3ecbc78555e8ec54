import { LISTED_ARGV_MAX_CHARACTERS } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";

/** What was started, kept as long as the process is known. */
export interface ProcessFacts {
  /** The beginning of the command line. */
  readonly argv: readonly string[];
  readonly isArgvCut: boolean;
  /** Of a program. */
  readonly cwd: PathUri | undefined;
  /** Both directions of a connection end by themselves: what is written has somewhere to go after its exit. */
  readonly isConnection?: boolean | undefined;
  /** Of a connection that somebody else made: what gave it. */
  readonly listenerId?: string | undefined;
  readonly isTerminal: boolean;
  /** Milliseconds that it may live while nobody holds its session. Absent: as long as that. */
  readonly maxDetachedMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** Empty words have no characters, and there can be a quarter of a million of them. */
const MAX_WORDS = LISTED_ARGV_MAX_CHARACTERS;

/** As many words as may be kept, the last one cut where the room ends. */
export function beginningOf(argv: readonly string[]): Pick<ProcessFacts, "argv" | "isArgvCut"> {
  let left = LISTED_ARGV_MAX_CHARACTERS;
  for (const [index, word] of argv.entries()) {
    if (word.length <= left && index < MAX_WORDS) {
      left -= word.length;
      continue;
    }
    // A copy: a slice would keep the whole word.
    const cut = Buffer.from(word.slice(0, left), "utf16le").toString("utf16le");
    return { argv: [...argv.slice(0, index), ...(cut === "" ? [] : [cut])], isArgvCut: true };
  }
  return { argv, isArgvCut: false };
}
