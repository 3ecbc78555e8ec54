import { invalidChange } from "./config-error.ts";
import { CONFIG_DEPTH_MAX } from "./limits.ts";

const BARE = /^[A-Za-z0-9_-]+$/;

/**
 * The names in a dotted path such as `projects."/a.b".trust_level`. Names that are not quoted may have any character but a dot and a quotation mark.
 *
 * @throws ConfigWriteError
 */
export function parseKeyPath(text: string): readonly string[] {
  if (text === "") throw invalidChange("keyPath must not be empty");
  const names: string[] = [];
  let at = 0;
  for (;;) {
    const [name, end] = text[at] === '"' ? quotedName(text, at) : bareName(text, at);
    names.push(checkedName(name));
    if (names.length > CONFIG_DEPTH_MAX)
      throw invalidChange(`keyPath must not have more than ${CONFIG_DEPTH_MAX} segments`);
    if (end === text.length) return names;
    if (text[end] !== ".") throw invalidChange("keyPath segments must be separated by dots");
    at = end + 1;
  }
}

/** It as it is written in TOML. */
export function keyPathText(names: readonly string[]): string {
  return names.map((name) => (BARE.test(name) ? name : tomlText(name))).join(".");
}

function bareName(text: string, at: number): readonly [string, number] {
  const dot = text.indexOf(".", at);
  const end = dot === -1 ? text.length : dot;
  const name = text.slice(at, end);
  if (name.includes('"')) throw invalidChange("unterminated quoted keyPath segment");
  return [name, end];
}

function quotedName(text: string, at: number): readonly [string, number] {
  let name = "";
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === '"') return [name, index + 1];
    if (character !== "\\") {
      name += character;
      continue;
    }
    index += 1;
    name += text[index] ?? "";
  }
  throw invalidChange("unterminated quoted keyPath segment");
}

function checkedName(name: string): string {
  if (name === "") throw invalidChange("keyPath segments must not be empty");
  // A member that a table of a program does not have as others.
  if (name === "__proto__") throw invalidChange("keyPath segments must not be `__proto__`");
  return name;
}

function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007F");
}
