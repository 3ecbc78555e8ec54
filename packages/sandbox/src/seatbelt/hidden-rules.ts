import type { FileView } from "../machine.ts";
import { type PolicyParameters, rule } from "./policy-text.ts";
import { realPathOf } from "./real-path.ts";

/**
 * What no command may see, regardless of its permissions: neither as a file nor, of a socket, by connecting to it. To stand last: the last
 * rule that fits counts.
 *
 * @param places - Absolute native paths.
 */
export function hiddenRules(places: readonly string[], files: FileView, parameters: PolicyParameters): string {
  const paths = [...new Set(places.map((path) => realPathOf(path, files)))].sort();
  const areas = paths.map((path, index) => `(subpath ${parameters.set(`HIDDEN_${index}`, path)})`);
  return [rule("deny", "file-read* file-write*", areas), rule("deny", "network-outbound", areas)]
    .filter(Boolean)
    .join("\n");
}
