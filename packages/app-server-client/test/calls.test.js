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
import { NO_ANSWER, Refusal } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { connected, settle } from "./support/connected.ts";
const OVERLOADED = () => {
    throw new Refusal(-32001, "Server overloaded; retry later.");
};
/** Let time pass in small steps, in each of which a message can go there and back. */
async function pass({ clock }, ms) {
    for (let passedMs = 0; passedMs < ms; passedMs += 20) {
        await clock.advance(20);
        await settle();
    }
}
describe("a call that is never answered", () => {
    test("ends after the time that holds for all", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_1, await connected({ "thread/name/set": () => NO_ANSWER }), true);
            const call = it.codex.thread.name.set({ threadId: "t", name: "n" });
            const failed = expect(call).rejects.toMatchObject({ name: "TimeoutError", code: "timeout", delivery: "unknown" });
            await it.clock.advance(60001);
            await failed;
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
    test("ends after the time that its caller gives", async () => {
        const env_2 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_2, await connected({ "thread/name/set": () => NO_ANSWER }), true);
            const call = it.codex.thread.name.set({ threadId: "t", name: "n" }, { timeoutMs: 1000 });
            const failed = expect(call).rejects.toMatchObject({ code: "timeout" });
            await it.clock.advance(1001);
            await failed;
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
    test.each([
        ["a command with its own time", { command: ["a"], timeoutMs: 100000 }, 160001],
        ["a command without one, which the server gives ten seconds", { command: ["a"] }, 70001],
    ])("%s is waited for that long besides", async (_, params, ms) => {
        const env_3 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_3, await connected({ "command/exec": () => NO_ANSWER }), true);
            let outcome;
            it.codex.command.exec(params).catch((error) => {
                outcome = error;
            });
            await it.clock.advance(ms - 2);
            expect(outcome).toBeUndefined();
            await it.clock.advance(2);
            expect(outcome).toMatchObject({ code: "timeout" });
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
    test("is waited for without end where the command may run so, or the caller says so", async () => {
        const env_4 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_4, await connected({ "command/exec": () => NO_ANSWER, "thread/name/set": () => NO_ANSWER }), true);
            let outcome;
            const failed = (error) => {
                outcome = error;
            };
            it.codex.command.exec({ command: ["a"], disableTimeout: true }).catch(failed);
            const patient = { timeoutMs: Number.POSITIVE_INFINITY };
            it.codex.thread.name.set({ threadId: "t", name: "n" }, patient).catch(failed);
            await it.clock.advance(10000000);
            expect(outcome).toBeUndefined();
            await it.codex.close();
            await settle();
            expect(outcome).toMatchObject({ code: "closed" });
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
    test("can be given up by a signal", async () => {
        const env_5 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_5, await connected({ "thread/name/set": () => NO_ANSWER }), true);
            const stop = new AbortController();
            const call = it.codex.thread.name.set({ threadId: "t", name: "n" }, { signal: stop.signal });
            const failed = expect(call).rejects.toMatchObject({ name: "AbortError" });
            await settle();
            stop.abort();
            await failed;
        }
        catch (e_5) {
            env_5.error = e_5;
            env_5.hasError = true;
        }
        finally {
            const result_5 = __disposeResources(env_5);
            if (result_5)
                await result_5;
        }
    });
});
describe("an overloaded server", () => {
    test("is asked again, at growing distances, for what changes nothing", async () => {
        const env_6 = { stack: [], error: void 0, hasError: false };
        try {
            let calls = 0;
            const it = __addDisposableResource(env_6, await connected({
                "thread/loaded/list": () => {
                    calls += 1;
                    return calls < 6 ? OVERLOADED() : { data: ["t"], nextCursor: null };
                },
            }), true);
            const loaded = it.codex.thread.loaded.list({});
            await pass(it, 10000);
            expect((await loaded).data).toEqual(["t"]);
            expect(calls).toBe(6);
        }
        catch (e_6) {
            env_6.error = e_6;
            env_6.hasError = true;
        }
        finally {
            const result_6 = __disposeResources(env_6);
            if (result_6)
                await result_6;
        }
    });
    test("is told of at once for what may not be repeated", async () => {
        const env_7 = { stack: [], error: void 0, hasError: false };
        try {
            let calls = 0;
            const it = __addDisposableResource(env_7, await connected({
                "turn/start": () => {
                    calls += 1;
                    return OVERLOADED();
                },
            }), true);
            const turn = it.codex.turn.start({ threadId: "t", input: [] });
            await expect(turn).rejects.toMatchObject({ name: "RemoteError", code: -32001 });
            expect(calls).toBe(1);
        }
        catch (e_7) {
            env_7.error = e_7;
            env_7.hasError = true;
        }
        finally {
            const result_7 = __disposeResources(env_7);
            if (result_7)
                await result_7;
        }
    });
    test("is told of when the time of the call is up", async () => {
        const env_8 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_8, await connected({ "thread/loaded/list": OVERLOADED }), true);
            const loaded = it.codex.thread.loaded.list({}, { timeoutMs: 2000 });
            const failed = expect(loaded).rejects.toMatchObject({ name: "RemoteError", code: -32001 });
            await pass(it, 2001);
            await failed;
        }
        catch (e_8) {
            env_8.error = e_8;
            env_8.hasError = true;
        }
        finally {
            const result_8 = __disposeResources(env_8);
            if (result_8)
                await result_8;
        }
    });
    test("is not asked again by a caller who gave up", async () => {
        const env_9 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_9, await connected({ "thread/loaded/list": OVERLOADED }), true);
            const stop = new AbortController();
            const loaded = it.codex.thread.loaded.list({}, { signal: stop.signal });
            const failed = expect(loaded).rejects.toMatchObject({ name: "AbortError" });
            await settle();
            stop.abort();
            await failed;
            const asked = it.server.of("thread/loaded/list").length;
            await it.clock.advance(20000);
            expect(it.server.of("thread/loaded/list").length).toBe(asked);
        }
        catch (e_9) {
            env_9.error = e_9;
            env_9.hasError = true;
        }
        finally {
            const result_9 = __disposeResources(env_9);
            if (result_9)
                await result_9;
        }
    });
});
test("no more calls are in flight than a server queues, and what ends something goes ahead", async () => {
    const env_10 = { stack: [], error: void 0, hasError: false };
    try {
        const waiting = [];
        const later = () => new Promise((resolve) => waiting.push(() => resolve({ data: [], nextCursor: null })));
        const it = __addDisposableResource(env_10, await connected({ "thread/loaded/list": later, "turn/interrupt": () => ({}) }), true);
        const calls = Array.from({ length: 500 }, () => it.codex.thread.loaded.list({}));
        await settle();
        expect(it.server.of("thread/loaded/list").length).toBe(96);
        await it.codex.turn.interrupt({ threadId: "t", turnId: "u" });
        while (waiting.length > 0) {
            for (const answer of waiting.splice(0))
                answer();
            await settle();
        }
        expect((await Promise.all(calls)).length).toBe(500);
    }
    catch (e_10) {
        env_10.error = e_10;
        env_10.hasError = true;
    }
    finally {
        const result_10 = __disposeResources(env_10);
        if (result_10)
            await result_10;
    }
});
