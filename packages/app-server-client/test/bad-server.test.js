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
import { GARBAGE, NO_ANSWER } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { connected, settle } from "./support/connected.ts";
const LOADED = { data: ["t"], nextCursor: null };
async function stillWorks(codex) {
    expect((await codex.thread.loaded.list({})).data).toEqual(["t"]);
    expect(codex.state).toBe("connected");
}
describe("a server that misbehaves does not end the client", () => {
    test("answers twice: the first counts", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_1, await connected({
                "model/list": (_, server) => {
                    const { id } = server.received.at(-1) ?? {};
                    server.send({ id, result: { data: [], nextCursor: "first" } });
                    server.send({ id, result: { data: [], nextCursor: "second" } });
                    server.send({ id, error: { code: -32603, message: "third" } });
                    return NO_ANSWER;
                },
                "thread/loaded/list": () => LOADED,
            }), true);
            expect((await it.codex.model.list({})).nextCursor).toBe("first");
            await stillWorks(it.codex);
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
    test.each([1000000, -1, 0, "never-asked", "2", 1.5, null, true, {}, []])("answers under another id (%j): nobody takes it for an answer", async (id) => {
        const env_2 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_2, await connected({
                "model/list": (_, server) => {
                    server.send({ id, result: { data: "nonsense" } });
                    server.send({ id, error: { code: -1, message: "nonsense" } });
                    return { data: [], nextCursor: null };
                },
                "thread/loaded/list": () => LOADED,
            }), true);
            expect((await it.codex.model.list({})).nextCursor).toBeNull();
            await stillWorks(it.codex);
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
    test("answers under a number that a double can not hold: it is none of ours", async () => {
        const env_3 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_3, await connected({
                "model/list": (_, server) => {
                    server.sendText('{"id":9007199254740993,"result":{}}');
                    server.sendText('{"id":9223372036854775808,"result":{}}');
                    return { data: [], nextCursor: null };
                },
            }), true);
            expect((await it.codex.model.list({})).nextCursor).toBeNull();
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
    test.each(Object.entries(GARBAGE))("says %s: it is told and passed over", async (_, frame) => {
        const env_4 = { stack: [], error: void 0, hasError: false };
        try {
            const onInvalid = vi.fn();
            const it = __addDisposableResource(env_4, await connected({
                "model/list": (_params, server) => {
                    server.sendText(frame);
                    return { data: [], nextCursor: null };
                },
                "thread/loaded/list": () => LOADED,
            }, { onInvalid }), true);
            await it.codex.model.list({});
            await until(() => onInvalid.mock.calls.length === 1);
            expect(onInvalid.mock.calls.map(([error]) => error.name)).toEqual(["UnreadableMessageError"]);
            await stillWorks(it.codex);
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
    test("answers with a result of another shape: the call says where", async () => {
        const env_5 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_5, await connected({ "model/list": () => ({ data: 5 }), "thread/loaded/list": () => LOADED }), true);
            await expect(it.codex.model.list({})).rejects.toMatchObject({
                name: "InvalidMessageError",
                method: "model/list",
                part: "result",
                memberPath: "data",
            });
            await stillWorks(it.codex);
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
    test.each([
        ["a number", 5],
        ["a list", []],
        ["nothing", undefined],
        ["null", null],
        ["an object without what is needed", { threadId: 5 }],
    ])("tells a notice whose params are %s: it is dropped and told", async (_, params) => {
        const env_6 = { stack: [], error: void 0, hasError: false };
        try {
            const onInvalid = vi.fn();
            const it = __addDisposableResource(env_6, await connected({ "thread/loaded/list": () => LOADED }, { onInvalid }), true);
            const heard = vi.fn();
            it.codex.on("thread/closed", heard);
            it.server.notify("thread/closed", params);
            it.server.notify("thread/closed", { threadId: "t" });
            await until(() => heard.mock.calls.length === 1);
            expect(onInvalid.mock.calls.map(([error]) => [error.name, error.method])).toEqual([
                ["InvalidMessageError", "thread/closed"],
            ]);
            await stillWorks(it.codex);
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
    test("tells notices that nobody knows: they are passed on as they are", async () => {
        const env_7 = { stack: [], error: void 0, hasError: false };
        try {
            const onUnknown = vi.fn();
            const it = __addDisposableResource(env_7, await connected({ "thread/loaded/list": () => LOADED }, { onUnknown }), true);
            it.server.notify("thread/dreamt", { of: ["sheep"] });
            // What only clients send is as unknown here.
            it.server.notify("initialized", undefined);
            await until(() => onUnknown.mock.calls.length === 2);
            expect(onUnknown.mock.calls).toEqual([
                [{ method: "thread/dreamt", params: { of: ["sheep"] } }],
                [{ method: "initialized", params: undefined }],
            ]);
            await stillWorks(it.codex);
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
    test("marks its notices with a time, or with something that is none", async () => {
        const env_8 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_8, await connected(), true);
            const heard = vi.fn();
            it.codex.on("skills/changed", heard);
            for (const emittedAtMs of [1700000000000, "now", null, undefined]) {
                it.server.send({ method: "skills/changed", params: {}, emittedAtMs });
            }
            await until(() => heard.mock.calls.length === 4);
            expect(heard.mock.calls.map(([, metadata]) => metadata.emittedAtMs)).toEqual([
                1700000000000,
                undefined,
                undefined,
                undefined,
            ]);
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
    test("writes the member `jsonrpc`, and others that nobody knows", async () => {
        const env_9 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_9, await connected({
                "model/list": (_, server) => {
                    const { id } = server.received.at(-1) ?? {};
                    server.send({ jsonrpc: "2.0", id, result: { data: [], nextCursor: null, more: 1 }, more: 2 });
                    return NO_ANSWER;
                },
            }), true);
            expect(await it.codex.model.list({})).toMatchObject({ nextCursor: null });
            expect(it.server.received.every((message) => !("jsonrpc" in message))).toBe(true);
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
    test("goes away in the middle of a call: the caller hears that it may have run", async () => {
        const env_10 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_10, await connected({
                "turn/start": (_, server) => {
                    server.hangUp();
                    return NO_ANSWER;
                },
            }), true);
            await expect(it.codex.turn.start({ threadId: "t", input: [] })).rejects.toMatchObject({
                name: "LinkError",
                code: "closed",
                delivery: "unknown",
                method: "turn/start",
            });
            expect(await it.codex.closed).toBeDefined();
            expect(it.codex.state).toBe("failed");
            await expect(it.codex.thread.loaded.list({})).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
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
});
describe("a handler that throws", () => {
    test("is told of, and stops neither other handlers nor the connection", async () => {
        const env_11 = { stack: [], error: void 0, hasError: false };
        try {
            const onError = vi.fn();
            const it = __addDisposableResource(env_11, await connected({ "thread/loaded/list": () => LOADED }, { onError }), true);
            const heard = vi.fn();
            const failure = new Error("a bug");
            it.codex.on("skills/changed", () => {
                throw failure;
            });
            it.codex.on("skills/changed", heard);
            it.server.notify("skills/changed", {});
            await until(() => heard.mock.calls.length === 1);
            expect(onError.mock.calls).toEqual([[failure, "skills/changed"]]);
            await stillWorks(it.codex);
        }
        catch (e_11) {
            env_11.error = e_11;
            env_11.hasError = true;
        }
        finally {
            const result_11 = __disposeResources(env_11);
            if (result_11)
                await result_11;
        }
    });
    test("can be stopped while a notice is delivered", async () => {
        const env_12 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_12, await connected(), true);
            const heard = [];
            const stop = it.codex.on("skills/changed", () => {
                heard.push("first");
                stop();
            });
            it.codex.on("skills/changed", () => heard.push("second"));
            it.server.notify("skills/changed", {});
            it.server.notify("skills/changed", {});
            await until(() => heard.length === 3);
            await settle();
            expect(heard).toEqual(["first", "second", "second"]);
        }
        catch (e_12) {
            env_12.error = e_12;
            env_12.hasError = true;
        }
        finally {
            const result_12 = __disposeResources(env_12);
            if (result_12)
                await result_12;
        }
    });
});
