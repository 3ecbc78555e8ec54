import { isWholeText, nativeBytes } from "@holdfast/sandbox/native-text";
import { UsageError } from "./failure.ts";

/**
 * A command that can be told in JSON: one with arguments that are no UTF-8 is started by a shell that makes their bytes, which
 * then becomes the command.
 */
export function carriedByShell(command: readonly string[]): readonly string[] {
  if (command.every(isWholeText)) return command;
  const words = command.map((word, index) => ({ word, name: `word_${index}`, isText: isWholeText(word) }));
  // The dot keeps newlines at the end of an argument, which the shell would take off.
  const made = words.flatMap(({ word, name, isText }) =>
    isText ? [] : [`${name}=$(printf '${printfFormat(word)}.'); ${name}=\${${name}%.}`],
  );
  const texts = words.filter(({ isText }) => isText);
  const used = words.map((each) => `"\${${each.isText ? texts.indexOf(each) + 1 : each.name}}"`);
  return ["sh", "-c", [...made, `exec ${used.join(" ")}`].join("\n"), "sh", ...texts.map(({ word }) => word)];
}

/** @throws UsageError for a word that is no UTF-8, in a place where it would have to be. */
export function refuseBytes(words: readonly string[]): void {
  const index = words.findIndex((word) => !isWholeText(word));
  if (index === -1) return;
  const shown = words[index]?.replaceAll(/\p{Surrogate}/gu, "\ufffd");
  throw new UsageError(`argument ${index + 1} is no UTF-8 text, and the protocol carries no other: '${shown}'`);
}

function printfFormat(word: string): string {
  return Array.from(nativeBytes(word), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
