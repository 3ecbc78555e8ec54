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
import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock, until } from "@holdfast/testkit";
import { FakeAppServer, NO_ANSWER, neverUpgrades, Refusal } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { AppServerConnection } from "../src/app-server.ts";
import { connectAppServer, InvalidArgumentError } from "../src/index.ts";
import { connected, settle } from "./support/connected.ts";
import { Dialler } from "./support/dialler.ts";
describe("the handshake", () => {
    test("says who connects and what is wanted, then that it is done", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const capabilities = { experimentalApi: true, optOutNotificationMethods: ["thread/started"] };
            const clientInfo = { name: "editor", title: "Editor", version: "2.1" };
            const it = __addDisposableResource(env_1, await connected({}, { clientInfo, capabilities }), true);
            await settle();
            expect(it.server.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
            expect(it.server.of("initialize")).toEqual([{ clientInfo, capabilities }]);
            expect(it.server.received[1]).toEqual({ method: "initialized" });
            expect(it.codex.serverInfo.userAgent).toBe("test/0.171.0");
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
    test("has a name of its own where none is given, and asks for nothing", async () => {
        const env_2 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_2, await connected(), true);
            expect(it.server.of("initialize")).toEqual([{ clientInfo: { name: "holdfast", version: "0" } }]);
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
    test("that is refused ends the connection with the server's own words", async () => {
        const refused = connected({
            initialize: () => {
                throw new Refusal(-32600, "Invalid request: missing field `clientInfo`");
            },
        });
        await expect(refused).rejects.toMatchObject({ name: "RemoteError", code: -32600 });
    });
    test("that is answered with something else is told as such", async () => {
        await expect(connected({ initialize: () => ({ userAgent: 5 }) })).rejects.toMatchObject({
            name: "InvalidMessageError",
            method: "initialize",
        });
    });
    test("that is not answered ends by its time", async () => {
        const [near, far] = memoryLink();
        new FakeAppServer(far, { initialize: () => NO_ANSWER });
        const clock = new FakeClock();
        const connecting = connectAppServer(near, { clock, initializeTimeoutMs: 5000 });
        const failed = expect(connecting).rejects.toMatchObject({
            code: "timeout",
            delivery: "unknown",
            method: "initialize",
        });
        await clock.advance(5001);
        await failed;
    });
    test("that a caller gives up ends at once", async () => {
        const [near, far] = memoryLink();
        const server = new FakeAppServer(far, { initialize: () => NO_ANSWER });
        const stop = new AbortController();
        const connecting = connectAppServer(near, { signal: stop.signal });
        const failed = expect(connecting).rejects.toMatchObject({ name: "AbortError" });
        await settle();
        stop.abort();
        await failed;
        await until(() => server.closed !== undefined);
    });
    test("of a listener that never speaks ends by the time for the connection", async () => {
        const env_3 = { stack: [], error: void 0, hasError: false };
        try {
            const server = __addDisposableResource(env_3, await neverUpgrades(), true);
            await expect(connectAppServer(server.url, { connectTimeoutMs: 200 })).rejects.toMatchObject({
                code: "timeout",
                delivery: "not-sent",
            });
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
});
test("what the server says right after the handshake reaches handlers that are added when the client is there", async () => {
    const env_4 = { stack: [], error: void 0, hasError: false };
    try {
        const [near, far] = memoryLink();
        new FakeAppServer(far, {
            initialize: (_, server) => {
                queueMicrotask(() => server.notify("skills/changed", {}));
                return { userAgent: "a", codexHome: "/c", platformFamily: "unix", platformOs: "linux" };
            },
        });
        const codex = __addDisposableResource(env_4, await connectAppServer(near), true);
        const heard = vi.fn();
        codex.on("skills/changed", heard);
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
test("a server that is not there yet is waited for", async () => {
    const env_5 = { stack: [], error: void 0, hasError: false };
    try {
        const dialler = new Dialler();
        dialler.refusal = "connect ECONNREFUSED";
        const clock = new FakeClock();
        const connecting = connectAppServer(dialler, { clock, retryForMs: 10000 });
        await clock.advance(3000);
        expect(dialler.attempts).toBeGreaterThan(3);
        dialler.refusal = undefined;
        await clock.advance(3000);
        const codex = __addDisposableResource(env_5, await connecting, true);
        expect(codex.state).toBe("connected");
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
describe("what can not be used is refused before anything is dialled", () => {
    const cases = [
        ["is the variable that it comes from set?", undefined],
        ["is the variable that it comes from set?", ""],
        ["target must be a ws:, wss: or unix: URL", "http://127.0.0.1:1"],
        ["not ws://host/", "ssh://host", undefined],
        ["target must be a ws:", {}],
        ["target must be a ws:", { command: "" }],
        ["args must be an array of strings", { command: "codex", args: "app-server" }],
        ["did you mean args?", { command: "codex", arg: [] }],
        ["did you mean token?", "ws://127.0.0.1:1", { tokn: "x" }],
        ["callTimeoutMs must be milliseconds above 0", "ws://127.0.0.1:1", { callTimeoutMs: 0 }],
        ["recovery.deadlineMs must be", "ws://127.0.0.1:1", { recovery: { deadlineMs: -1 } }],
        ["retryForMs needs a target that can be dialled again", { command: "true" }, { retryForMs: 5 }],
    ];
    test.each(cases.filter(([words]) => !words.startsWith("not ws")))("%s", async (words, target, options) => {
        const refused = connectAppServer(target, options);
        await expect(refused).rejects.toThrow(words);
        await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
    });
    test("a password in a URL is not shown", async () => {
        await expect(connectAppServer("ftp://me:secret@host/")).rejects.not.toThrow("secret");
    });
});
test("no method of the protocol stands in the place of the client's own members", async () => {
    const env_6 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_6, await connected(), true);
        const own = Object.getOwnPropertyNames(AppServerConnection.prototype);
        const fromTable = Object.keys(it.codex);
        expect(fromTable).toContain("thread");
        expect(fromTable.filter((name) => own.includes(name))).toEqual([]);
        expect(fromTable).not.toContain("initialize");
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
