import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { FakeAppServer } from "@holdfast/testkit/servers";
import { connectAppServer } from "../../src/index.ts";
/** A client on a scripted app server, over a memory link and with a clock that only the test moves. */
export async function connected(handlers = {}, options = {}) {
    const [near, far] = memoryLink();
    const clock = new FakeClock();
    const server = new FakeAppServer(far, handlers);
    const codex = await connectAppServer(near, { clock, ...options });
    return { codex, server, clock, [Symbol.asyncDispose]: () => codex.close() };
}
/** Let everything that is ready happen: microtasks and the memory link. */
export async function settle() {
    for (let turn = 0; turn < 12; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
}
