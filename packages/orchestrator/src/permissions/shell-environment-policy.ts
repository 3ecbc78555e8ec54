import type { EnvironmentPolicy } from "@holdfast/exec-client";
import type { TomlTable } from "../config/toml-document.ts";
import { flagOf, TomlShapeError, tableOf, textOf, textsByNameOf, textsOf } from "../config/toml-shape.ts";

const NAME = "shell_environment_policy";
const INHERIT = ["all", "core", "none"] as const;

/**
 * What commands inherit of the variables of their executor, by `[shell_environment_policy]` of a configuration. Default: all of them.
 *
 * @throws TomlShapeError - A member is none of what it may be.
 */
export function shellEnvironmentPolicy(config: TomlTable): EnvironmentPolicy {
  const table = tableOf(config[NAME] ?? {}, [NAME]);
  const texts = (member: string): string[] => [...textsOf(table[member] ?? [], [NAME, member])];
  return {
    inherit: inheritOf(table),
    ignoreDefaultExcludes: flagOf(table.ignore_default_excludes ?? true, [NAME, "ignore_default_excludes"]),
    exclude: texts("exclude"),
    set: { ...textsByNameOf(table.set ?? {}, [NAME, "set"]) },
    includeOnly: texts("include_only"),
  };
}

function inheritOf({ inherit = "all" }: TomlTable): EnvironmentPolicy["inherit"] {
  const word = textOf(inherit, [NAME, "inherit"]);
  const known = INHERIT.find((each) => each === word);
  if (known !== undefined) return known;
  const expected = INHERIT.map((each) => `\`${each}\``).join(", ");
  throw new TomlShapeError(`unknown variant \`${word}\`, expected one of ${expected}`, [NAME, "inherit"]);
}
