import { createAppServerCodec } from "@holdfast/app-server-protocol";
import { createAppServerClient } from "@holdfast/app-server-protocol/client";
import { METHOD_SCHEMAS } from "@holdfast/app-server-protocol/zod";
import { createPeer } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { median } from "../statistics.ts";

/** Deltas of one long turn. */
const DELTAS = 2_000;

/** How long 2,000 deltas of a turn take, milliseconds. */
export interface DeltaTimes {
  /** Checked by the stub, which has a quick check for them. */
  readonly checkedMs: number;
  /** By the full validator alone, as what a quick check does not take is. */
  readonly validatedMs: number;
  /** From frames to the handler of a client. */
  readonly handledMs: number;
  /** The same for the first turn of a process. */
  readonly firstMs: number;
}

function frames(turn: number): readonly string[] {
  return Array.from({ length: DELTAS }, (_, index) =>
    JSON.stringify({
      method: "item/agentMessage/delta",
      params: {
        threadId: "01a22cdc-f0d1-7c13-999a-f11694c00847",
        turnId: `turn-${turn}`,
        itemId: "msg-1",
        delta: `word ${index} `,
      },
      emittedAtMs: 1_796_049_006_868 + index,
    }),
  );
}

/** Turn after turn, the first of which are not counted: they find code that has not run yet. */
export async function measureDeltas(rounds: number): Promise<DeltaTimes> {
  const codec = createAppServerCodec({ strict: false });
  const [near, far] = memoryLink();
  far.open({ frame: () => {}, drained: () => {}, closed: () => {} });
  const client = createAppServerClient(createPeer({ port: near, codec }));
  let heard = 0;
  let whenHeard = () => {};
  client.on("item/agentMessage/delta", () => {
    heard += 1;
    if (heard % DELTAS === 0) whenHeard();
  });
  const handled: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const texts = frames(round);
    const { promise, resolve } = Promise.withResolvers<void>();
    whenHeard = resolve;
    const begin = performance.now();
    for (const text of texts) far.send(text);
    await promise;
    handled.push(performance.now() - begin);
  }
  near.destroy("measured");
  // Over a link that hands on params as they are, nothing is left but the checks.
  let deliver: (params: unknown) => void = () => {};
  const link = {
    call: () => Promise.reject(new Error("not called")),
    notify: () => {},
    on: (_: string, handler: (params: unknown, metadata?: unknown) => void) => {
      deliver = (params) => handler(params, { emittedAtMs: undefined });
      return () => {};
    },
  };
  createAppServerClient(link).on("item/agentMessage/delta", () => {});
  const schema = METHOD_SCHEMAS["item/agentMessage/delta"]?.params?.schema;
  if (schema === undefined) throw new Error("there is no validator for deltas");
  const checked: number[] = [];
  const validated: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const messages = frames(round).map((text) => (JSON.parse(text) as { readonly params: unknown }).params);
    const begin = performance.now();
    for (const params of messages) deliver(params);
    const between = performance.now();
    for (const params of messages) schema.safeParse(params);
    validated.push(performance.now() - between);
    checked.push(between - begin);
  }
  return {
    firstMs: handled[0] ?? 0,
    handledMs: median(handled),
    validatedMs: median(validated),
    checkedMs: median(checked),
  };
}
