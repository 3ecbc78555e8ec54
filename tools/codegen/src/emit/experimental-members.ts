import type { ImportedSource } from "../api.ts";
import { literal } from "../identifiers.ts";
import type { MergedApi } from "../merge/merge-releases.ts";
import { rowsOf } from "../read/method-table.ts";
import type { Shape } from "../schema/shape.ts";

/** What the table of experimental members is made of. */
export type ExperimentalSource = Pick<MergedApi, "types" | "methods" | "experimental"> &
  Pick<ImportedSource, "experimentalVariants">;

/** One member somewhere in params. */
interface Row {
  /** Names of members, from the params on. */
  readonly path: readonly string[];
  /** When it is there, as source. */
  readonly counts: string;
  /** What it is in the description of the API. */
  readonly place: string;
}

/**
 * The table of members of params that are experimental in the newest release, as source, for requests of either side.
 *
 * @throws Error for one in what clients send that lies where it is not looked for: in lists, maps and choices.
 */
export function emitExperimentalMembers(source: ExperimentalSource): string {
  const { methods } = source;
  const rowsByMethod = (from: "client" | "server") =>
    rowsOf(methods, "request", from).flatMap(({ method, params }) =>
      params === null ? [] : [{ method, params, rows: rowsIn(params, [], source) }],
    );
  const sent = rowsByMethod("client");
  checkReach(sent, source);
  const lines = [...sent, ...rowsByMethod("server")].flatMap(({ method, rows }) => {
    const members = rows.map(({ path, counts }) => `{ path: ${literal(path)}, counts: ${counts} }`);
    return rows.length === 0 ? [] : [`  ${literal(method)}: [${members.join(", ")}],`];
  });
  return [
    'import type { ExperimentalMember } from "../experimental-member.ts";',
    "",
    "/** Members of the params of requests that only those send and get who have asked for what is experimental, by wire name. */",
    "export const EXPERIMENTAL_MEMBERS: Readonly<Record<string, readonly ExperimentalMember[]>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

/** Those of a type, and of the types that its members are. */
function rowsIn(type: string, above: readonly string[], source: ExperimentalSource): readonly Row[] {
  const { types, experimental, experimentalVariants } = source;
  const shape = types.shape(type);
  if (shape.kind !== "record" || types.isCyclic(type)) return [];
  return shape.members.flatMap(({ name, shape: member }) => {
    const path = [...above, name];
    const place = `${type}.${name}`;
    if (isExperimental(place, experimental))
      return [{ path, place, counts: literal(isSwitch(member) ? "true" : "given") }];
    const inner = referenceIn(member);
    if (inner === undefined) return [];
    const variants = Object.entries(experimentalVariants).flatMap(([variant, { named }]) => {
      const [owner, has] = variant.split(".");
      return owner === inner
        ? [{ path, place: variant, counts: `{ has: ${literal(has)}, named: ${literal(named)} }` }]
        : [];
    });
    return [...variants, ...rowsIn(inner, path, source)];
  });
}

function isExperimental(place: string, experimental: ExperimentalSource["experimental"]): boolean {
  return experimental.has(place) && experimental.get(place) === undefined;
}

/** A switch that is off is as one that is not there. */
function isSwitch(shape: Shape): boolean {
  return shape.kind === "boolean";
}

function referenceIn(shape: Shape): string | undefined {
  if (shape.kind === "nullable") return referenceIn(shape.of);
  return shape.kind === "reference" ? shape.name : undefined;
}

function checkReach(
  sent: readonly { readonly params: string; readonly rows: readonly Row[] }[],
  { types, experimental }: ExperimentalSource,
): void {
  const found = new Set(sent.flatMap(({ rows }) => rows.map(({ place }) => place)));
  const reached = new Set(
    types.reachedFrom(
      sent.map(({ params }) => params),
      () => false,
    ),
  );
  const lost = [...experimental.keys()].find(
    (place) => isExperimental(place, experimental) && reached.has(place.split(/[.[]/)[0] ?? "") && !found.has(place),
  );
  if (lost !== undefined) throw new Error(`${lost} is experimental, and lies where clients can not be kept from it`);
}
