var __addDisposableResource = (this && this.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (this && this.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
import { until } from "@holdfast/testkit";
import { expect, test, vi } from "vitest";
import { connected, settle } from "./support/connected.ts";
const FLOOD = 20000;
function delta(index) {
    return { threadId: "t", turnId: "u", itemId: "i", delta: `${index};` };
}
test("a reader that takes its time gets all of a flood, in order, while no more than some hundred wait for it", async () => {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_1, await connected(), true);
        const deltas = it.codex.notices("item/agentMessage/delta");
        const waiting = vi.fn();
        it.codex.on("item/agentMessage/delta", waiting);
        for (let index = 0; index < FLOOD; index += 1)
            it.server.notify("item/agentMessage/delta", delta(index));
        await until(() => waiting.mock.calls.length >= 256);
        await settle();
        expect(waiting.mock.calls.length).toBe(256);
        let next = 0;
        for await (const { method, params } of deltas) {
            expect(method).toBe("item/agentMessage/delta");
            if (params.delta !== `${next};`)
                expect(params.delta).toBe(`${next};`);
            next += 1;
            expect(waiting.mock.calls.length - next).toBeLessThanOrEqual(256);
            if (next === FLOOD)
                break;
            if (next % 64 === 0)
                await settle();
        }
        expect(next).toBe(FLOOD);
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
});
test("calls are answered while a reader holds the connection", async () => {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_2, await connected({ "thread/loaded/list": () => ({ data: ["t"], nextCursor: null }) }), true);
        it.codex.notices("item/agentMessage/delta");
        for (let index = 0; index < 1000; index += 1)
            it.server.notify("item/agentMessage/delta", delta(index));
        await settle();
        expect((await it.codex.thread.loaded.list({})).data).toEqual(["t"]);
    }
    catch (e_2) {
        env_2.error = e_2;
        env_2.hasError = true;
    }
    finally {
        const result_2 = __disposeResources(env_2);
        if (result_2)
            await result_2;
    }
});
test("notices of several methods keep their order among each other, with the time the server gives", async () => {
    const env_3 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_3, await connected(), true);
        const notices = __addDisposableResource(env_3, it.codex.notices("thread/archived", "thread/unarchived"), true);
        it.server.send({ method: "thread/archived", params: { threadId: "a" }, emittedAtMs: 5 });
        it.server.notify("thread/unarchived", { threadId: "a" });
        it.server.notify("thread/archived", { threadId: "b" });
        const seen = [];
        for await (const { method, params, emittedAtMs } of notices) {
            seen.push([method, params.threadId, emittedAtMs]);
            if (seen.length === 3)
                break;
        }
        expect(seen).toEqual([
            ["thread/archived", "a", 5],
            ["thread/unarchived", "a", undefined],
            ["thread/archived", "b", undefined],
        ]);
    }
    catch (e_3) {
        env_3.error = e_3;
        env_3.hasError = true;
    }
    finally {
        const result_3 = __disposeResources(env_3);
        if (result_3)
            await result_3;
    }
});
test("a reader ends with the client, after what came before, and when it is left", async () => {
    const it = await connected();
    const heard = vi.fn();
    it.codex.on("skills/changed", heard);
    const first = it.codex.notices("skills/changed");
    const second = it.codex.notices("skills/changed");
    it.server.notify("skills/changed", {});
    const left = it.codex.notices("skills/changed");
    for (let index = 0; index < 500; index += 1)
        it.server.notify("skills/changed", {});
    await until(() => heard.mock.calls.length >= 256);
    // Its hold goes with it: the others still have theirs.
    await left.return();
    expect((await left.next()).done).toBe(true);
    expect((await first.next()).value).toMatchObject({ method: "skills/changed" });
    await it.codex.close();
    let count = 1;
    for await (const _ of first)
        count += 1;
    expect(count).toBe(256);
    await second.return();
});
test("hold() stops notices and requests of the server, not answers; each is released once", async () => {
    const env_4 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_4, await connected({ "thread/loaded/list": () => ({ data: [], nextCursor: null }) }), true);
        const heard = vi.fn();
        it.codex.on("skills/changed", heard);
        const [one, two] = [it.codex.hold(), it.codex.hold()];
        it.server.notify("skills/changed", {});
        await it.codex.thread.loaded.list({});
        one[Symbol.dispose]();
        one[Symbol.dispose]();
        await settle();
        expect(heard).not.toHaveBeenCalled();
        two[Symbol.dispose]();
        await until(() => heard.mock.calls.length === 1);
    }
    catch (e_4) {
        env_4.error = e_4;
        env_4.hasError = true;
    }
    finally {
        const result_4 = __disposeResources(env_4);
        if (result_4)
            await result_4;
    }
});
