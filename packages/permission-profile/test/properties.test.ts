import { join } from "@holdfast/path-uri";
import {
  accessOf,
  applyAdditionalPermissions,
  canonicalProfile,
  type FileSystemAccessMode,
  fileSystemPolicyOf,
  intersectFileSystemPolicies,
  mergeAdditionalPermissions,
  parseSandboxPolicy,
  prepare,
  profileFromSandboxPolicy,
  profilesEqual,
  type SandboxPolicy,
  sandboxPolicyFromProfile,
  sandboxPolicyToJson,
} from "@holdfast/permission-profile";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entries, entriesWithoutGlobs, pathNames, policy, posixPath } from "./arbitraries.ts";
import { naiveAccess } from "./naive-model.ts";
import { at, managed, posix, posixBinding, restricted } from "./policies.ts";

const RANK: Record<FileSystemAccessMode, number> = { deny: 0, read: 1, write: 2 };

function accessTo(rules: Parameters<typeof accessOf>[0], target: Parameters<typeof accessOf>[2]) {
  return accessOf(rules, posixBinding, target).access;
}

describe("access", () => {
  test("agrees with the naive model on every policy and path", () => {
    fc.assert(
      fc.property(policy, fc.array(posixPath, { minLength: 1, maxLength: 10 }), (rules, targets) => {
        const resolver = prepare(rules, posixBinding);
        for (const target of targets) {
          expect(resolver.accessOf(target).access).toBe(naiveAccess(rules, posixBinding, target));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("does not depend on the order of the entries", () => {
    const shuffled = entries.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, posixPath, ([list, other], target) => {
        expect(accessTo(restricted(...other), target)).toBe(accessTo(restricted(...list), target));
      }),
      { numRuns: 1000 },
    );
  });

  test("is not widened by naming what an entry at the same place says already", () => {
    fc.assert(
      fc.property(policy, posixPath, (rules, target) => {
        expect(accessTo(restricted(...rules.entries, ...rules.entries), target)).toBe(accessTo(rules, target));
      }),
    );
  });
});

describe("the canonical form", () => {
  test.each([undefined, posixBinding])("taken twice is the same as taken once", (binding) => {
    fc.assert(
      fc.property(entries, (list) => {
        const once = canonicalProfile(managed(...list), binding);
        expect(canonicalProfile(once, binding)).toEqual(once);
      }),
    );
  });

  test.each([undefined, posixBinding])("means the same as the profile", (binding) => {
    fc.assert(
      fc.property(entries, posixPath, (list, target) => {
        const canonical = canonicalProfile(managed(...list), binding);
        expect(accessTo(fileSystemPolicyOf(canonical), target)).toBe(accessTo(restricted(...list), target));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([undefined, posixBinding])("keeps what stands beside a write that grants nothing", (binding) => {
    const astray = { type: "special", value: { kind: "project_roots", subpath: "/abs" } } as const;
    const list = [
      { path: { type: "special", value: { kind: "root" } }, access: "read" },
      { path: astray, access: "write" },
      { path: astray, access: "read" },
    ] as const;
    const canonical = canonicalProfile(managed(...list), binding);
    expect(accessTo(fileSystemPolicyOf(canonical), posix("/r"))).toBe(accessTo(restricted(...list), posix("/r")));
  });

  test.each([undefined, posixBinding])("is the same for every order of the entries", (binding) => {
    fc.assert(
      fc.property(entries, (list) => {
        const reversed = canonicalProfile(managed(...list.toReversed()), binding);
        expect(reversed).toEqual(canonicalProfile(managed(...list), binding));
        expect(profilesEqual(managed(...list.toReversed()), managed(...list), binding)).toBe(true);
      }),
    );
  });
});

describe("additional permissions", () => {
  const additional = fc.record({
    isNetworkEnabled: fc.boolean(),
    fileSystem: fc.option(fc.record({ entries }), { nil: undefined }),
  });

  test("merged with themselves add nothing, and merging again adds nothing", () => {
    fc.assert(
      fc.property(additional, additional, (a, b) => {
        const merged = mergeAdditionalPermissions(a, b);
        expect(mergeAdditionalPermissions(merged, b)).toEqual(merged);
        expect(mergeAdditionalPermissions(merged, merged)).toEqual(merged);
      }),
    );
  });

  test("applied twice are the same as applied once", () => {
    fc.assert(
      fc.property(entries, additional, (list, added) => {
        const once = applyAdditionalPermissions(managed(...list), added);
        expect(applyAdditionalPermissions(once, added)).toEqual(once);
      }),
    );
  });

  const nested = fc
    .tuple(pathNames, fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 }), pathNames)
    .map(([outer, closed, inner]) => {
      const broad = posix(`/${outer.join("/")}`);
      return [broad, join(broad, closed), join(broad, [closed, ...inner].join("/"))] as const;
    });

  test("that grant something broad do not reopen a deeper deny", () => {
    fc.assert(
      fc.property(nested, ([broad, closed, target]) => {
        const grant = { path: { type: "path", path: broad }, access: "write" } as const;
        const deny = { path: { type: "path", path: closed }, access: "deny" } as const;
        const added = { isNetworkEnabled: false, fileSystem: { entries: [grant] } };
        const applied = fileSystemPolicyOf(applyAdditionalPermissions(managed(at("/", "read"), deny), added));
        expect(accessTo(applied, target)).toBe("deny");
      }),
      { numRuns: 300 },
    );
  });

  test("intersected allow exactly what both sides allow", () => {
    const withoutPlatform = entriesWithoutGlobs.map((list) =>
      restricted(...list.filter(({ path }) => path.type !== "special" || path.value.kind !== "minimal")),
    );
    fc.assert(
      fc.property(withoutPlatform, withoutPlatform, posixPath, (a, b, target) => {
        const common = accessTo(intersectFileSystemPolicies(a, b, posixBinding), target);
        const weaker = Math.min(RANK[accessTo(a, target)], RANK[accessTo(b, target)]);
        expect(RANK[common]).toBe(weaker);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a legacy policy", () => {
  const legacy: fc.Arbitrary<SandboxPolicy> = fc.oneof(
    fc.constant({ type: "danger-full-access" } as const),
    fc.record({ type: fc.constant("read-only" as const), network_access: fc.boolean() }),
    fc.record({
      type: fc.constant("external-sandbox" as const),
      network_access: fc.constantFrom("restricted", "enabled"),
    }),
    fc.record({
      type: fc.constant("workspace-write" as const),
      writable_roots: fc.uniqueArray(fc.constantFrom("/a", "/b/c", "/ü", "/r/a")),
      network_access: fc.boolean(),
      exclude_tmpdir_env_var: fc.boolean(),
      exclude_slash_tmp: fc.boolean(),
    }),
  );

  test("survives the way to a profile and back", () => {
    fc.assert(
      fc.property(legacy, (given) => {
        const profile = profileFromSandboxPolicy(given, { convention: "posix" });
        expect(sandboxPolicyFromProfile(profile, { convention: "posix" })).toEqual(given);
      }),
    );
  });

  test.each(["core", "app-v2"] as const)("survives the way through the %s spelling", (spelling) => {
    fc.assert(
      fc.property(legacy, (given) => {
        const read = parseSandboxPolicy(JSON.parse(JSON.stringify(sandboxPolicyToJson(given, spelling))));
        expect({ writable_roots: [], ...read }).toEqual({ writable_roots: [], ...given });
      }),
    );
  });
});
