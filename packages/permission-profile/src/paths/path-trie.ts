interface Node<Value> {
  readonly children: Map<string, Node<Value>>;
  value: Value | undefined;
}

/** A value that was found on the way to a path. */
export interface TrieHit<Value> {
  readonly value: Value;
  /** How many names lead to it. */
  readonly depth: number;
}

/** Values at paths, found by walking down the names of a path once. */
export class PathTrie<Value> {
  readonly #root: Node<Value> = { children: new Map(), value: undefined };

  /** Put a value at a path; `merge` decides where there is one already. */
  set(names: readonly string[], value: Value, merge: (old: Value, added: Value) => Value): void {
    let node = this.#root;
    for (const name of names) {
      let child = node.children.get(name);
      if (child === undefined) {
        child = { children: new Map(), value: undefined };
        node.children.set(name, child);
      }
      node = child;
    }
    node.value = node.value === undefined ? value : merge(node.value, value);
  }

  /** The value at exactly this path. */
  get(names: readonly string[]): Value | undefined {
    return this.#nodeAt(names)?.value;
  }

  /** The values at the path and above it, from the outside in. */
  *above(names: readonly string[]): Generator<TrieHit<Value>> {
    let node: Node<Value> | undefined = this.#root;
    for (let depth = 0; node !== undefined; depth++) {
      if (node.value !== undefined) yield { value: node.value, depth };
      const name = names[depth];
      node = name === undefined ? undefined : node.children.get(name);
    }
  }

  /** The deepest value at the path or above it. */
  deepest(names: readonly string[]): TrieHit<Value> | undefined {
    let found: TrieHit<Value> | undefined;
    for (const hit of this.above(names)) found = hit;
    return found;
  }

  /** The values strictly below the path, the shallow ones first. */
  *below(names: readonly string[]): Generator<Value> {
    let level = [...(this.#nodeAt(names)?.children.values() ?? [])];
    while (level.length > 0) {
      for (const { value } of level) if (value !== undefined) yield value;
      level = level.flatMap(({ children }) => [...children.values()]);
    }
  }

  #nodeAt(names: readonly string[]): Node<Value> | undefined {
    let node: Node<Value> | undefined = this.#root;
    for (const name of names) node = node?.children.get(name);
    return node;
  }
}
