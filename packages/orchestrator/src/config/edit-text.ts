import { parse, patch, TomlFormat } from "@decimalturn/toml-patch";
import type { ConfigEdit } from "@holdfast/app-server-protocol";
import { withEdits } from "./apply-edits.ts";
import { invalidChange } from "./config-error.ts";
import { keyPathText } from "./key-path.ts";
import { parseToml, type TomlTable, type TomlValue } from "./toml-document.ts";
import { isSameValue, isTable, memberOf } from "./toml-values.ts";

/** Everything in a table that is new is written as tables with heads of their own, as people write it. */
const SECTIONS_ALL = 64;

/**
 * A TOML text after some changes. What is not changed stays as it is, with its comments and in its order.
 *
 * @throws ConfigWriteError - Nothing can be made of a change.
 */
export function editedText(text: string, edits: readonly ConfigEdit[]): string {
  const before = parseToml(text).root;
  const after = withEdits(before, edits);
  if (isSameValue(before as TomlValue, after as TomlValue)) return text;
  // A head cannot be given to what is a value in the line of another; then the value is written there.
  for (const start of [withHeads(text, before, after), text]) {
    const edited = patched(start, edits);
    if (edited !== undefined && isSameValue(readBack(edited), after as TomlValue)) return edited;
  }
  throw invalidChange("the change can not be written without changing something else: edit the file by hand");
}

function patched(text: string, edits: readonly ConfigEdit[]): string | undefined {
  try {
    // As its own reader has it: dates keep the form in which they are written.
    const known = parse(text) as TomlTable;
    const format = TomlFormat.autoDetectFormat(text);
    format.inlineTableStart = SECTIONS_ALL;
    format.trailingNewline = Math.max(1, format.trailingNewline);
    return patch(text, withEdits(known, edits), format);
  } catch {
    return undefined;
  }
}

function readBack(text: string): TomlValue | undefined {
  try {
    return parseToml(text).root as TomlValue;
  } catch {
    return undefined;
  }
}

/** The text with a head at its end for every table that is new, and for each of a list of them. */
function withHeads(text: string, before: TomlTable, after: TomlTable): string {
  const heads = newHeads(before, after, []).map((head) => `\n${head}\n`);
  if (heads.length === 0) return text;
  return `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${heads.join("")}`.replace(/^\n/, "");
}

function newHeads(before: TomlTable | undefined, after: TomlTable, path: readonly string[]): readonly string[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const here = [...path, name];
    const known = before === undefined ? undefined : memberOf(before, name);
    if (isTables(value)) return known === undefined ? value.map(() => `[[${keyPathText(here)}]]`) : [];
    if (!isTable(value)) return [];
    const below = newHeads(isTable(known) ? known : undefined, value, here);
    const members = Object.values(value);
    const isOnlyWay = members.length > 0 && members.every((each) => isTable(each) || isTables(each));
    return known === undefined && !isOnlyWay ? [`[${keyPathText(here)}]`, ...below] : below;
  });
}

function isTables(value: TomlValue): value is readonly TomlTable[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}
