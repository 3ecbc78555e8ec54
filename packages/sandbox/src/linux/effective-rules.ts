import type { FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { AccessTree } from "./access-tree.ts";
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
 * over it is refused, unless the path was chosen for this very launch.
 *
 * @throws SandboxError `invalid` for such a link, and for a loop of links.
 */
export function effectiveRules(
  rules: readonly NativeRule[],
  chosen: ReadonlySet<string>,
  files: FileView,
): EffectiveRules {
  const followed = rules.map((rule) => ({ rule, resolved: resolveLinks(rule.path, files) }));
  const tree = new AccessTree(followed.map(({ rule, resolved }) => ({ path: resolved.path, access: rule.access })));
  const meant = new Set(
    followed
      .filter(({ rule }) => rule.access === "write" && chosen.has(rule.path))
      .flatMap(({ resolved }) => resolved.links.map((link) => link.path)),
  );
  for (const each of followed) refuseWritableLinks(each, meant, tree);
  const granting = followed.filter(({ rule }) => rule.access !== "deny");
  return { tree, links: granting.flatMap(({ resolved }) => resolved.links) };
}

function refuseWritableLinks({ rule, resolved }: FollowedRule, meant: ReadonlySet<string>, tree: AccessTree): void {
  const link = resolved.links.find(({ path }) => !meant.has(path) && tree.accessOf(path) === "write");
  if (link !== undefined) throw crossesLink(rule, link.path);
}

/** The refusal of a rule that leads over a link which commands can change. */
export function crossesLink({ path, access }: NativeRule, link: string): SandboxError {
  const text = `cannot enforce sandbox ${REFUSED_ACCESS[access]} path ${path} because it crosses writable symlink ${link}`;
  return new SandboxError("invalid", text);
}
