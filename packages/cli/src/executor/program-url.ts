import { UsageError } from "../command-line/failure.ts";
import { splitWords } from "../command-line/split-words.ts";

const SCHEME = "program:";

/** A command line that leads to an executor, as a URL, so that it can stand wherever another way to one can. @throws UsageError */
export function programUrl(commandLine: string): URL {
  const words = splitWords(commandLine, "--program");
  if (words.length === 0)
    throw new UsageError("--program must name a command, as in 'docker exec -i box holdfast proxy'");
  return new URL(SCHEME + encodeURIComponent(commandLine));
}

export function isProgramUrl(url: URL): boolean {
  return url.protocol === SCHEME;
}

/** The command line of such a URL, as it was written. */
export function commandLineOf({ pathname }: URL): string {
  return decodeURIComponent(pathname);
}

/** Its words. */
export function programWords(url: URL): readonly string[] {
  return splitWords(commandLineOf(url), "--program");
}
