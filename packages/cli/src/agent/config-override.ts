import { parseToml, type TomlTable } from "@holdfast/orchestrator";
import { UsageError } from "../command-line/failure.ts";

/**
 * Members of a configuration that are given as words: `dotted.name=value`, the value as TOML has it. What is no TOML is a text as it is.
 *
 * @throws UsageError - There is no name.
 */
export function configOverrides(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(words.map(overrideOf));
}

function overrideOf(word: string): readonly [string, unknown] {
  const at = word.indexOf("=");
  const name = word.slice(0, at).trim();
  if (at < 0 || name === "") throw new UsageError(`--config must be NAME=VALUE, not '${word}'`);
  return [name, tomlValue(word.slice(at + 1))];
}

function tomlValue(text: string): unknown {
  try {
    const table: TomlTable = parseToml(`value = ${text.trim()}`).root;
    return table.value;
  } catch {
    return text.trim().replaceAll(/^["']|["']$/g, "");
  }
}
