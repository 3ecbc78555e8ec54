import { pathUriFromNative } from "@holdfast/path-uri";
import {
  type AccessDecision,
  type AccessResolver,
  type PolicyBinding,
  prepare,
  type RestrictedFileSystemPolicy,
} from "@holdfast/permission-profile";
import type { Mount } from "../linux/mount-list.ts";
import { isWithin } from "../linux/native-path.ts";
import type { FileView } from "../machine.ts";
import type { DecidingRule, MountRule, NumberedEntry } from "./explanation.ts";
import { type PlacedEntry, placedEntries } from "./placed-entries.ts";

/** Finds the rule of a restricted policy that is behind what a sandbox does. */
export class RuleFinder {
  readonly #policy: RestrictedFileSystemPolicy;
  readonly #ownPlaces: readonly string[];
  /** Without grants of writing where nothing is. */
  readonly #entries: readonly PlacedEntry[];
  readonly #withoutPatterns: readonly PlacedEntry[];
  readonly #missingGrants: readonly PlacedEntry[];
  readonly #byEverything: AccessResolver;
  readonly #byPlaces: AccessResolver;

  /** @param ownPlaces - Where the program is that confines: absolute paths without links. */
  constructor(
    policy: RestrictedFileSystemPolicy,
    binding: PolicyBinding,
    files: FileView,
    ownPlaces: readonly string[],
  ) {
    const all = placedEntries(policy, binding, files);
    const isMissing = ({ placed, exists }: PlacedEntry): boolean => placed.access === "write" && !exists;
    this.#policy = policy;
    this.#ownPlaces = ownPlaces;
    this.#entries = all.filter((each) => !isMissing(each));
    this.#withoutPatterns = this.#entries.filter(({ path }) => path !== undefined);
    this.#missingGrants = all.filter(isMissing);
    this.#byEverything = resolverOf(this.#entries, binding);
    this.#byPlaces = resolverOf(this.#withoutPatterns, binding);
  }

  /** What the entries alone say about a path without links. */
  decide(path: string): AccessDecision {
    return named(this.#byEverything.accessOf(pathUriFromNative(path, "posix")), this.#entries);
  }

  /**
   * @param mount - What the sandbox does at `subject`.
   * @param asked - The path before links were followed: patterns are about names as they are written.
   */
  ruleFor(mount: Mount, subject: string, asked: string): DecidingRule {
    if (mount.kind === "own") return { kind: "sandbox", mount };
    const missing = this.#missingGrants.find(({ path }) => path !== undefined && isWithin(subject, path));
    if (missing !== undefined && mount.access !== "write") {
      return { kind: "missing-grant", cause: numbered(missing), path: missing.path ?? subject };
    }
    const decision = this.decide(subject);
    if (decision.access === mount.access) return decision.rule;
    const written = this.decide(asked);
    if (written.access === mount.access && written.rule.kind === "glob") return written.rule;
    const plain = named(this.#byPlaces.accessOf(pathUriFromNative(subject, "posix")), this.#withoutPatterns);
    return plain.access === mount.access ? plain.rule : this.#mountRule(mount);
  }

  /** A mount that no entry asks for in so many words. */
  #mountRule(mount: Mount): MountRule {
    const isProgram = mount.access === "read" && this.#ownPlaces.includes(mount.path);
    return isProgram ? { kind: "sandbox", mount, isProgram } : { kind: "sandbox", mount, cause: this.#causeOf(mount) };
  }

  #causeOf(mount: Mount): NumberedEntry | undefined {
    if (mount.kind !== "show") {
      // Something missing is kept from being made, or a pattern matches a link that leads here.
      const kept = this.#withoutPatterns.find(({ path, exists }) => !exists && isBelow(path, mount.path));
      const cause = kept ?? this.#entries.find(({ path, entry }) => path === undefined && entry.access === "deny");
      return cause && numbered(cause);
    }
    const index = this.#policy.entries.findIndex(
      ({ path }) => path.type === "special" && path.value.kind === "minimal",
    );
    const entry = this.#policy.entries[index];
    // What git reads besides `.git` is shown read-only, too, but it lies where writing is granted.
    const isGranted = this.decide(mount.path).access === "write";
    return entry === undefined || mount.access !== "read" || isGranted ? undefined : { index, entry };
  }
}

function resolverOf(entries: readonly PlacedEntry[], binding: PolicyBinding): AccessResolver {
  return prepare({ kind: "restricted", entries: entries.map(({ placed }) => placed) }, binding);
}

/** In the words of the profile: the resolver was asked with what its entries mean here. */
function named(decision: AccessDecision, entries: readonly PlacedEntry[]): AccessDecision {
  const { rule } = decision;
  if (rule.kind !== "entry" && rule.kind !== "glob" && rule.kind !== "unusable-glob") return decision;
  const source = entries[rule.index];
  if (source === undefined) return decision;
  if (rule.kind !== "entry") return { ...decision, rule: { ...rule, index: source.index } };
  return { ...decision, rule: { ...rule, index: source.index, entry: source.entry } };
}

/** The root is covered for what nothing is said about, and for no entry. */
function isBelow(path: string | undefined, cover: string): boolean {
  return path !== undefined && cover !== "/" && isWithin(path, cover);
}

function numbered({ index, entry }: PlacedEntry): NumberedEntry {
  return { index, entry };
}
