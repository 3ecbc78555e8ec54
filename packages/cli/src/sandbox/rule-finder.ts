import { pathUriFromNative } from "@holdfast/path-uri";
import { type AccessDecision, type AccessResolver, type PolicyBinding, prepare } from "@holdfast/permission-profile";
import type { EffectivePolicy, PlacedEntry } from "./effective-policy.ts";
import type { MountRule, NumberedEntry, Rule } from "./explanation.ts";
import type { Mount } from "./mounted-view.ts";

/** Finds the rule of a profile that is behind what a sandbox does. */
export class RuleFinder {
  readonly #policy: EffectivePolicy;
  readonly #everything: AccessResolver;
  readonly #withoutPatterns: AccessResolver;
  readonly #ownPlaces: readonly string[];

  /** @param ownPlaces - Where the program is that confines: absolute paths without links. */
  constructor(policy: EffectivePolicy, binding: PolicyBinding, ownPlaces: readonly string[]) {
    this.#policy = policy;
    this.#ownPlaces = ownPlaces;
    this.#everything = resolverOf(policy, policy.entries, binding);
    this.#withoutPatterns = resolverOf(
      policy,
      policy.entries.filter(({ path }) => path !== undefined),
      binding,
    );
  }

  /** What the entries alone say about a path without links. */
  decide(path: string): AccessDecision {
    return this.#named(this.#everything.accessOf(pathUriFromNative(path, "posix")), this.#policy.entries);
  }

  /**
   * @param mount - What the sandbox does at `subject`.
   * @param asked - The path before links were followed: patterns are about names as they are written.
   */
  ruleFor(mount: Mount, subject: string, asked: string): Rule {
    if (this.#policy.isWholeDisk) return { kind: "whole-disk" };
    if (mount.kind === "own") return { kind: "sandbox", mount };
    const missing = this.#policy.missingGrants.find(({ path = "" }) => isAtOrAbove(path, subject));
    if (missing !== undefined && mount.access !== "write") {
      return { kind: "missing-grant", cause: missing, path: missing.path ?? subject };
    }
    const wanted = mount.access === "none" ? "deny" : mount.access;
    const decision = this.decide(subject);
    if (decision.access === wanted) return decision.rule;
    const written = this.decide(asked);
    if (written.access === wanted && written.rule.kind === "glob") return written.rule;
    const entries = this.#policy.entries.filter(({ path }) => path !== undefined);
    const plain = this.#named(this.#withoutPatterns.accessOf(pathUriFromNative(subject, "posix")), entries);
    return plain.access === wanted ? plain.rule : this.#mountRule(mount);
  }

  /** A mount that no entry asks for in so many words. */
  #mountRule(mount: Mount): MountRule {
    if (mount.access === "read" && this.#ownPlaces.includes(mount.path))
      return { kind: "sandbox", mount, isProgram: true };
    return { kind: "sandbox", mount, cause: this.#causeOf(mount) };
  }

  #causeOf(mount: Mount): NumberedEntry | undefined {
    const { entries, original } = this.#policy;
    if (mount.kind === "cover") {
      // Something missing is kept from being made, or a pattern matches a link that leads here.
      const kept = entries.find(({ path, exists }) => path !== undefined && !exists && isAtOrAbove(mount.path, path));
      return kept ?? entries.find(({ path, entry }) => path === undefined && entry.access === "deny");
    }
    const all = original.kind === "restricted" ? original.entries : [];
    const index = all.findIndex(({ path }) => path.type === "special" && path.value.kind === "minimal");
    const entry = all[index];
    // What git reads besides `.git` is shown read-only, too, but it lies where writing is granted.
    const isGranted = this.decide(mount.path).access === "write";
    return entry === undefined || mount.access !== "read" || isGranted ? undefined : { index, entry };
  }

  /** In the words of the profile: the resolver was asked with what its entries mean here. */
  #named(decision: AccessDecision, entries: readonly PlacedEntry[]): AccessDecision {
    const { rule } = decision;
    if (rule.kind !== "entry" && rule.kind !== "glob" && rule.kind !== "unusable-glob") return decision;
    const source = entries[rule.index];
    if (source === undefined) return decision;
    if (rule.kind !== "entry") return { ...decision, rule: { ...rule, index: source.index } };
    return { ...decision, rule: { ...rule, index: source.index, entry: source.entry } };
  }
}

function resolverOf(policy: EffectivePolicy, entries: readonly PlacedEntry[], binding: PolicyBinding): AccessResolver {
  if (policy.isWholeDisk) return prepare({ kind: "unrestricted" }, binding);
  return prepare({ kind: "restricted", entries: entries.map(({ placed }) => placed) }, binding);
}

function isAtOrAbove(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
