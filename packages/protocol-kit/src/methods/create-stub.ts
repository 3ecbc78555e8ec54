import type { CallOptions, LinkV1 } from "../link.ts";
import { type BoundMethod, methodsFrom } from "./bound-method.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";
import type { Side } from "./method-row.ts";
import type { Protocol } from "./protocol.ts";

/** How a stub behaves. */
export interface StubOptions {
  /** Called with notices that are not what the protocol says; they are dropped. Default: nothing. */
  readonly onInvalid?: ((error: InvalidMessageError) => void) | undefined;
}

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** Puts a stub over a link. The stub keeps no state. */
export type CreateStub<Stub> = (link: LinkV1, options?: StubOptions) => Stub;

/** Members of every stub: the one that subscribes to notices, and the one that would make `await` take it for a promise. */
const TAKEN: ReadonlySet<string> = new Set(["on", "then"]);

/** A step of the way to methods: what is called here, and what lies below. */
interface StubNode {
  readonly name: string;
  readonly method: BoundMethod | undefined;
  readonly below: readonly StubNode[];
}

/**
 * Make the stub of one side from the method table: `thread/goal/set` is called as `stub.thread.goal.set(params, options)`,
 * at any depth, and `stub.on(method, handler)` receives the notices of the other side. A method whose name is the way to others,
 * too, is a function that has them as members.
 *
 * @typeParam Stub - The interface that is generated from the same table.
 * @param from - The side that sends what the stub calls.
 * @throws Error for a method without types, or whose place in the stub is taken.
 */
export function createStub<Stub>(protocol: Protocol, from: Side): CreateStub<Stub> {
  const methods = methodsFrom(protocol, from);
  const placeless = methods.find(({ name }) => name.split("/").some((step) => step === "" || step === "__proto__"));
  if (placeless !== undefined) throw new Error(`${protocol.name}: method ${placeless.name} has no place in a stub`);
  const nodes = nodesOf(methods, 0);
  const taken = nodes.find(({ name }) => TAKEN.has(name));
  if (taken !== undefined) throw new Error(`${protocol.name}: a method in the place of stub.${taken.name}`);
  const heard = new Map(
    methodsFrom(protocol, from === "client" ? "server" : "client")
      .filter(({ row }) => row.kind === "notice")
      .map((method) => [method.name, method]),
  );
  return (link, { onInvalid = () => {} } = {}) => {
    const stub = {
      ...membersOf(nodes, link, protocol),
      on: (name: string, handler: (notice: unknown, metadata: unknown) => void): Unsubscribe => {
        const method = heard.get(name);
        if (method === undefined) throw new Error(`${protocol.name}: no notice ${name} is sent to the ${from}`);
        return link.on(name, (params, metadata) => {
          const notice = method.readParams(params);
          if (notice.ok) handler(notice.value, metadata);
          else onInvalid(new InvalidMessageError(name, "params", notice));
        });
      },
    };
    return stub as Stub;
  };
}

function nodesOf(methods: readonly BoundMethod[], depth: number): StubNode[] {
  const groups = new Map<string, BoundMethod[]>();
  for (const method of methods) {
    const step = method.name.split("/")[depth];
    if (step === undefined) continue;
    const group = groups.get(step);
    if (group === undefined) groups.set(step, [method]);
    else group.push(method);
  }
  return [...groups].map(([name, group]) => ({
    name,
    method: group.find((method) => method.name.split("/").length === depth + 1),
    below: nodesOf(group, depth + 1),
  }));
}

function membersOf(nodes: readonly StubNode[], link: LinkV1, protocol: Protocol): object {
  const members: Record<string, unknown> = {};
  for (const node of nodes) members[node.name] = memberOf(node, link, protocol);
  return members;
}

function memberOf({ method, below }: StubNode, link: LinkV1, protocol: Protocol): object {
  if (method === undefined) return membersOf(below, link, protocol);
  const value = functionOf(method, link, protocol);
  for (const node of below) {
    // Defined, not assigned: functions have a `name` and a `length` that an assignment would not change.
    Object.defineProperty(value, node.name, { value: memberOf(node, link, protocol), enumerable: true });
  }
  return value;
}

function functionOf(method: BoundMethod, link: LinkV1, { noParams }: Protocol): object {
  const { name, row } = method;
  if (row.kind === "notice") {
    const none = noParams === "absent" ? undefined : {};
    return (params?: unknown) => link.notify(name, row.params === null ? none : params);
  }
  if (row.params === null) return (options?: CallOptions) => call(method, link, null, options);
  return (params: unknown, options?: CallOptions) => call(method, link, params, options);
}

/** @throws InvalidMessageError when the result is not what the protocol says. */
async function call(
  method: BoundMethod,
  link: LinkV1,
  params: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  const result = method.readResult(await link.call(method.name, params, options));
  if (!result.ok) throw new InvalidMessageError(method.name, "result", result);
  return result.value;
}
