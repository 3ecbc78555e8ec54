import { conventionOf, type PathUri } from "@holdfast/path-uri";
import { namesOf } from "../paths/path-names.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";
import type { AccessDecision, AccessRule } from "./access-decision.ts";
import { accessByEntries, type BoundPolicy, bindPolicy, matchingGlob } from "./bound-policy.ts";
import type { PolicyBinding } from "./policy-binding.ts";

/** A policy bound to a machine, ready for many questions. */
export interface AccessResolver {
  /** The access to one path, and what decided it. Costs the depth of the path, plus the patterns that start above it. */
  accessOf(target: PathUri): AccessDecision;
}

/**
 * Bind a policy to a machine for many questions. The deepest entry that contains a path decides; on one path deny beats write,
 * and write beats read. Deny patterns and protected names then take away from that. Nothing is looked up on disk.
 *
 * @throws PermissionProfileError when the entries resolve to too many paths.
 */
export function prepare(policy: FileSystemPolicy, binding: PolicyBinding): AccessResolver {
  if (policy.kind !== "restricted") return { accessOf: () => ({ access: "write", rule: { kind: "whole-disk" } }) };
  const bound = bindPolicy(policy, binding);
  return { accessOf: (target) => decide(bound, binding, target) };
}

/** As {@link prepare}, for a single question. */
export function accessOf(policy: FileSystemPolicy, binding: PolicyBinding, target: PathUri): AccessDecision {
  return prepare(policy, binding).accessOf(target);
}

function decide(bound: BoundPolicy, binding: PolicyBinding, target: PathUri): AccessDecision {
  const names = conventionOf(target) === binding.convention ? namesOf(target) : undefined;
  if (names === undefined) return denied({ kind: "foreign-target" });
  if (bound.unusableGlob !== undefined) return denied({ kind: "unusable-glob", ...bound.unusableGlob });
  const decision = accessByEntries(bound, names);
  if (decision.access === "deny") return decision;
  const glob = matchingGlob(bound, names);
  return glob === undefined ? decision : denied({ kind: "glob", pattern: glob.source, index: glob.index });
}

function denied(rule: AccessRule): AccessDecision {
  return { access: "deny", rule };
}
