import type { CallOptions, LinkV1 } from "../link.ts";
import type { Validated } from "../validate/validate.ts";
import { type BoundMethod, methodsFrom } from "./bound-method.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";
import { LateNotices } from "./late-notices.ts";
import type { Side } from "./method-row.ts";
import type { Protocol } from "./protocol.ts";
import { type TypeSource, typeSource } from "./type-source.ts";

/** How a stub behaves. */
export interface StubOptions {
  /** Called with notices that are not what the protocol says; they are dropped. Default: nothing. */
  readonly onInvalid?: ((error: InvalidMessageError) => void) | undefined;
  /**
   * Called with what a handler of a notice threw that had waited for the validators, or with why these can not be loaded. All other errors
   * of handlers are for the link. Default: thrown where nobody catches it.
   */
  readonly onThrow?: ((error: unknown) => void) | undefined;
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
  const source = typeSource(protocol.types);
  const methods = methodsFrom(protocol, from, source);
  const placeless = methods.find(({ name }) => name.split("/").some((step) => step === "" || step === "__proto__"));
  if (placeless !== undefined) throw new Error(`${protocol.name}: method ${placeless.name} has no place in a stub`);
  const nodes = nodesOf(methods, 0);
  const taken = nodes.find(({ name }) => TAKEN.has(name));
  if (taken !== undefined) throw new Error(`${protocol.name}: a method in the place of stub.${taken.name}`);
  const heard = new Map(
    methodsFrom(protocol, from === "client" ? "server" : "client", source)
      .filter(({ row }) => row.kind === "notice")
      .map((method) => [method.name, method]),
  );
  return (link, { onInvalid = () => {}, onThrow = throwLater } = {}) => {
    const late = new LateNotices(source, onThrow);
    const stub = {
      ...membersOf(nodes, { link, source, noParams: protocol.noParams }),
      on: (name: string, handler: (notice: unknown, metadata: unknown) => void): Unsubscribe => {
        const method = heard.get(name);
        if (method === undefined) throw new Error(`${protocol.name}: no notice ${name} is sent to the ${from}`);
        let isHeard = true;
        const deliver = (notice: Validated<unknown>, metadata: unknown): void => {
          if (notice.ok) handler(notice.value, metadata);
          else onInvalid(new InvalidMessageError(name, "params", notice));
        };
        const stop = link.on(name, (params, metadata) => {
          if (late.isOpen) return deliver(method.readParams(params), metadata);
          const plain = late.isEmpty ? method.readParamsAtOnce(params) : undefined;
          if (plain !== undefined) return deliver(plain, metadata);
          const isKept = late.add(() => {
            if (isHeard) deliver(method.readParams(params), metadata);
          });
          if (!isKept) onInvalid(new InvalidMessageError(name, "params", TOO_MANY_WAIT));
        });
        return () => {
          isHeard = false;
          stop();
        };
      },
    };
    return stub as Stub;
  };
}

const TOO_MANY_WAIT = { message: "too many notices wait for the validators", path: [] };

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
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

/** What the functions of a stub call through. */
interface Below {
  readonly link: LinkV1;
  readonly source: TypeSource;
  readonly noParams: Protocol["noParams"];
}

function membersOf(nodes: readonly StubNode[], stub: Below): object {
  const members: Record<string, unknown> = {};
  for (const node of nodes) members[node.name] = memberOf(node, stub);
  return members;
}

function memberOf({ method, below }: StubNode, stub: Below): object {
  if (method === undefined) return membersOf(below, stub);
  const value = functionOf(method, stub);
  for (const node of below) {
    // Defined, not assigned: functions have a `name` and a `length` that an assignment would not change.
    Object.defineProperty(value, node.name, { value: memberOf(node, stub), enumerable: true });
  }
  return value;
}

function functionOf(method: BoundMethod, stub: Below): object {
  const { name, row } = method;
  if (row.kind === "notice") {
    const none = stub.noParams === "absent" ? undefined : {};
    return (params?: unknown) => stub.link.notify(name, row.params === null ? none : params);
  }
  if (row.params === null) return (options?: CallOptions) => call(method, stub, null, options);
  return (params: unknown, options?: CallOptions) => call(method, stub, params, options);
}

/** @throws InvalidMessageError when the result is not what the protocol says. */
async function call(
  method: BoundMethod,
  { link, source }: Below,
  params: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  if (source.types === undefined) return callLoading(method, { link, source }, params, options);
  return read(method, await link.call(method.name, params, options));
}

/** Loads the validators while the call is on its way. */
async function callLoading(
  method: BoundMethod,
  { link, source }: Pick<Below, "link" | "source">,
  params: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  const loading = source.load();
  // Told below, unless the call fails before.
  loading.catch(() => {});
  const answer = await link.call(method.name, params, options);
  await loading;
  return read(method, answer);
}

function read(method: BoundMethod, answer: unknown): unknown {
  const result = method.readResult(answer);
  if (!result.ok) throw new InvalidMessageError(method.name, "result", result);
  return result.value;
}
