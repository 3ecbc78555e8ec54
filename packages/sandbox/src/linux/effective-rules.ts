import { PROTECTED_METADATA_NAMES } from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { AccessTree } from "./access-tree.ts";
import { isChangeable } from "./changeable.ts";
import type { NativeRule } from "./native-rules.ts";
import { type CrossedLink, type ResolvedPath, resolveLinks } from "./resolve-links.ts";

/** The rules of a policy about the places that its paths really lead to. */
export interface EffectiveRules {
  readonly tree: AccessTree;
  /** Links that lead to places which are granted. */
  readonly links: readonly CrossedLink[];
}

interface FollowedRule {
  readonly rule: NativeRule;
  readonly resolved: ResolvedPath;
}

const REFUSED_ACCESS = { read: "read-only", deny: "deny-read", write: "write" } as const;

/**
 * Follow the links on the way to every path. A link that commands could have put there decides nothing: a rule that leads
 * over it is refused, whichever side chose its path.
 *
 * @throws SandboxError `invalid` for such a link, and for a loop of links.
 */
export function effectiveRules(rules: readonly NativeRule[], files: FileView): EffectiveRules {
  const followed = rules.map((rule) => ({ rule, resolved: resolveLinks(rule.path, files) }));
  const tree = new AccessTree(followed.map(({ rule, resolved }) => ({ path: resolved.path, access: rule.access })));
  for (const each of followed) refuseChangeableLinks(each, tree, files);
  const granting = followed.filter(({ rule }) => rule.access !== "deny");
  return { tree, links: granting.flatMap(({ resolved }) => resolved.links) };
}

function refuseChangeableLinks({ rule, resolved }: FollowedRule, tree: AccessTree, files: FileView): void {
  const link = resolved.links.find(({ path }) => isChangeable(path, tree, files));
  if (link !== undefined) throw crossesLink(rule, link.path, resolved.path);
}

/**
 * The refusal of a rule that leads over a link which commands can change, with what helps. No mount can hold the name of a
 * link: what is mounted over it lands where it leads.
 *
 * @param target - Where the path leads.
 */
export function crossesLink({ path, access }: NativeRule, link: string, target: string): SandboxError {
  const rule = `cannot enforce sandbox ${REFUSED_ACCESS[access]} path ${path}`;
  return new SandboxError(
    "invalid",
    `${rule} because it crosses writable symlink ${link}: ${mend(path, link, target)}`,
  );
}

function mend(path: string, link: string, target: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path !== link || !PROTECTED_METADATA_NAMES.some((each) => each === name)) return `give ${target}, where it leads`;
  if (name === ".git") return `make it a file with the line "gitdir: ${target}", as git itself does`;
  return `put ${target} itself there`;
}
