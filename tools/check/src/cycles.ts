/**
 * The strongly connected parts of a directed graph that have more than one node or an edge to themselves: nodes that reach each other.
 *
 * @param edges - Targets by node; a target that is no key has no edges of its own.
 * @returns Each part sorted, the parts by their first node.
 */
export function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const reached = new Map([...edges.keys()].map((node) => [node, reachedFrom(node, edges)]));
  const parts = new Map<string, readonly string[]>();
  for (const [node, targets] of reached) {
    if (!targets.has(node)) continue;
    const part = [...targets].filter((target) => reached.get(target)?.has(node)).sort();
    parts.set(part[0] ?? node, part);
  }
  return [...parts.keys()].sort().flatMap((first) => [parts.get(first) ?? []]);
}

function reachedFrom(start: string, edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(edges.get(start) ?? [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    open.push(...(edges.get(node) ?? []));
  }
  return reached;
}
