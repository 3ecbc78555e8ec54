import { readFileSync } from "node:fs";
import { nativeText } from "@holdfast/sandbox/native-text";

type Environment = Readonly<Record<string, string | undefined>>;

/** What Node puts in place of bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/** The environment with all its bytes, see {@link nativeText}. Node has replaced those that are no UTF-8. */
export function nativeEnvironment(env: Environment): Environment {
  const isReplaced = Object.entries(env).some((entry) => entry.join("").includes(REPLACEMENT));
  const entries = isReplaced ? wordsOf("environ") : undefined;
  if (entries === undefined) return env;
  return Object.fromEntries(
    entries.filter((entry) => entry.includes("=", 1)).map((entry) => splitAt(entry, entry.indexOf("=", 1))),
  );
}

/** The arguments with all their bytes. @param words - The last ones of this process, as Node gives them. */
export function nativeArguments(words: readonly string[]): readonly string[] {
  if (!words.some((word) => word.includes(REPLACEMENT))) return words;
  return wordsOf("cmdline")?.slice(-words.length) ?? words;
}

/** As this process was started with; undefined where the system does not tell. */
function wordsOf(name: "environ" | "cmdline"): readonly string[] | undefined {
  try {
    const bytes = readFileSync(`/proc/self/${name}`);
    const words: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(0, at);
      words.push(nativeText(bytes.subarray(at, end === -1 ? bytes.length : end)));
      at = end === -1 ? bytes.length : end + 1;
    }
    return words;
  } catch {
    return undefined;
  }
}

function splitAt(entry: string, at: number): [string, string] {
  return [entry.slice(0, at), entry.slice(at + 1)];
}
