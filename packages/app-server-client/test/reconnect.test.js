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
import { FakeClock, until } from "@holdfast/testkit";
import { NO_ANSWER, Refusal, threadAnswer } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { connectAppServer } from "../src/index.ts";
import { settle } from "./support/connected.ts";
import { Dialler } from "./support/dialler.ts";
async function reachable(handlers = {}, options = {}) {
    const dialler = new Dialler(handlers);
    const clock = new FakeClock();
    const codex = await connectAppServer(dialler, { clock, ...options });
    const events = [];
    codex.onConnection((event) => events.push(event));
    const cut = async () => {
        const told = events.length;
        dialler.last.hangUp();
        await until(() => events.length > told);
    };
    const reconnected = () => until(async () => {
        await clock.advance(50);
        return codex.state === "connected";
    });
    return { dialler, clock, codex, events, cut, reconnected, [Symbol.asyncDispose]: () => codex.close() };
}
describe("after a lost connection", () => {
    test("the handshake is made again, and threads and watches are asked for again", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_1, await reachable(), true);
            const { thread } = await it.codex.thread.start({});
            await it.codex.thread.resume({ threadId: "older" });
            await it.codex.fs.watch({ watchId: "w", path: "/srv/repo" });
            await it.cut();
            await it.reconnected();
            const { last } = it.dialler;
            expect(last.received.map(({ method }) => method)).toEqual([
                "initialize",
                "initialized",
                "thread/resume",
                "thread/resume",
                "fs/watch",
            ]);
            expect(last.of("thread/resume")).toEqual([{ threadId: thread.id }, { threadId: "older" }]);
            expect(it.events).toMatchObject([
                { kind: "lost", willReconnect: true },
                {
                    kind: "reconnected",
                    threads: [
                        { threadId: thread.id, outcome: "resumed", resumed: { thread: { id: thread.id } } },
                        { threadId: "older", outcome: "resumed" },
                    ],
                    watches: [{ watchId: "w", outcome: "watching" }],
                    endedProcesses: [],
                },
            ]);
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
    test("what is over, or was given up, is not asked for again", async () => {
        const env_2 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_2, await reachable({ "process/spawn": () => ({}), "thread/archive": () => ({}) }), true);
            for (const threadId of ["kept", "left", "closed", "deleted", "archived"])
                await it.codex.thread.resume({ threadId });
            await it.codex.fs.watch({ watchId: "w", path: "/srv/repo" });
            await it.codex.fs.unwatch({ watchId: "w" });
            await it.codex.thread.unsubscribe({ threadId: "left" });
            const spawn = { command: ["a"], cwd: "/srv" };
            await it.codex.process.spawn({ ...spawn, processHandle: "ended" });
            await it.codex.process.spawn({ ...spawn, processHandle: "running" });
            for (const threadId of ["closed", "deleted", "archived"])
                it.dialler.last.notify(`thread/${threadId}`, { threadId });
            it.dialler.last.notify("process/exited", { processHandle: "ended" });
            await it.codex.thread.loaded.list({});
            await it.cut();
            await it.reconnected();
            expect(it.dialler.last.of("thread/resume")).toEqual([{ threadId: "kept" }]);
            expect(it.dialler.last.of("fs/watch")).toEqual([]);
            expect(it.events.at(-1)).toMatchObject({ kind: "reconnected", endedProcesses: ["running"] });
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
    test("a thread that the server forgot is told as lost, and not asked for a second time", async () => {
        const env_3 = { stack: [], error: void 0, hasError: false };
        try {
            let isForgotten = false;
            const resume = ({ threadId }) => {
                if (isForgotten && threadId === "b")
                    throw new Refusal(-32600, `no rollout found for thread id ${threadId}`);
                return { ...JSON.parse(JSON.stringify(ANSWER)), thread: { ...ANSWER.thread, id: threadId } };
            };
            const it = __addDisposableResource(env_3, await reachable({ "thread/resume": resume }), true);
            for (const threadId of ["a", "b"])
                await it.codex.thread.resume({ threadId });
            isForgotten = true;
            await it.cut();
            await it.reconnected();
            expect(it.events.at(-1)).toMatchObject({
                threads: [
                    { threadId: "a", outcome: "resumed" },
                    { threadId: "b", outcome: "lost", error: { name: "RemoteError", code: -32600 } },
                ],
            });
            await it.cut();
            await it.reconnected();
            expect(it.dialler.last.of("thread/resume")).toEqual([{ threadId: "a" }]);
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
    test("the first notice and the first request come after it was told that there is a new connection", async () => {
        const env_4 = { stack: [], error: void 0, hasError: false };
        try {
            const order = [];
            const asked = vi.fn(() => {
                order.push("asked");
                return { decision: "accept" };
            });
            const it = __addDisposableResource(env_4, await reachable({
                "thread/resume": ({ threadId }, server) => {
                    // As a server does whose turn went on: it tells at once, and asks again what is still open.
                    server.notify("thread/closed", { threadId: "other" });
                    server.send({ id: 3, method: "item/fileChange/requestApproval", params: APPROVAL });
                    return { ...ANSWER, thread: { ...ANSWER.thread, id: threadId } };
                },
            }, { handlers: { "item/fileChange/requestApproval": asked } }), true);
            it.codex.on("thread/closed", () => order.push("heard"));
            it.codex.onConnection(({ kind }) => order.push(kind));
            await it.codex.thread.resume({ threadId: "t" });
            await until(() => order.length === 2);
            order.length = 0;
            await it.cut();
            await it.reconnected();
            await until(() => order.length === 4);
            expect(order).toEqual(["lost", "reconnected", "heard", "asked"]);
            await until(() => it.dialler.last.answers.length === 1);
            expect(it.dialler.last.answers).toEqual([{ id: 3, result: { decision: "accept" } }]);
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
    test("handlers that were added before hear what comes on the new connection", async () => {
        const env_5 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_5, await reachable(), true);
            const heard = vi.fn();
            it.codex.on("skills/changed", heard);
            await it.cut();
            await it.reconnected();
            it.dialler.last.notify("skills/changed", {});
            await until(() => heard.mock.calls.length === 1);
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
    test("a call that may not be repeated fails, and says that it may have run; one that changes nothing is sent again", async () => {
        const env_6 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_6, await reachable({ "turn/start": () => NO_ANSWER }), true);
            const turn = it.codex.turn.start({ threadId: "t", input: [] });
            const failed = expect(turn).rejects.toMatchObject({ code: "closed", delivery: "unknown", method: "turn/start" });
            it.dialler.last.on("thread/loaded/list", () => NO_ANSWER);
            const loaded = it.codex.thread.loaded.list({});
            await until(() => it.dialler.last.of("thread/loaded/list").length === 1);
            await it.cut();
            await failed;
            await it.reconnected();
            expect(await loaded).toEqual({ data: [], nextCursor: null });
            expect(it.dialler.last.of("turn/start")).toEqual([]);
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
    test("calls that are made meanwhile wait, each for its own time", async () => {
        const env_7 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_7, await reachable(), true);
            it.dialler.refusal = "connect ECONNREFUSED";
            await it.cut();
            const patient = it.codex.thread.start({});
            const impatient = it.codex.thread.start({}, { timeoutMs: 1000 });
            const failed = expect(impatient).rejects.toMatchObject({ code: "timeout", delivery: "not-sent" });
            await it.clock.advance(1001);
            await failed;
            it.dialler.refusal = undefined;
            await it.reconnected();
            expect((await patient).thread.id).toBe("thread-1");
            expect(it.dialler.last.of("thread/start").length).toBe(1);
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
    test("it is tried at growing distances, and given up at the deadline with all that waits", async () => {
        const env_8 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_8, await reachable({}, { recovery: { deadlineMs: 20000 } }), true);
            it.dialler.refusal = "connect ECONNREFUSED";
            await it.cut();
            const waiting = it.codex.thread.start({}, { timeoutMs: Number.POSITIVE_INFINITY });
            const failed = expect(waiting).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
            await until(async () => {
                await it.clock.advance(100);
                return it.codex.state === "failed";
            });
            await failed;
            expect(it.dialler.attempts).toBeLessThan(30);
            const { reason } = await it.codex.closed;
            expect(reason).toMatch(/there is no new one: reconnecting timed out after 20 s \(last: .*ECONNREFUSED\)/);
            expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "closed"]);
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
    test("a refusal of the handshake is the end: it would be one the next time, too", async () => {
        const env_9 = { stack: [], error: void 0, hasError: false };
        try {
            let isKnown = true;
            const initialize = () => {
                if (!isKnown)
                    throw new Refusal(-32600, "not you");
                return { userAgent: "a", codexHome: "/c", platformFamily: "unix", platformOs: "linux" };
            };
            const it = __addDisposableResource(env_9, await reachable({ initialize }), true);
            isKnown = false;
            await it.cut();
            await until(async () => {
                await it.clock.advance(100);
                return it.codex.state === "failed";
            });
            expect((await it.codex.closed).reason).toContain("not you");
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
    test("one that breaks before the threads are back is replaced by a third", async () => {
        const env_10 = { stack: [], error: void 0, hasError: false };
        try {
            let resumes = 0;
            const it = __addDisposableResource(env_10, await reachable({
                "thread/resume": ({ threadId }, server) => {
                    resumes += 1;
                    if (resumes === 2) {
                        server.hangUp();
                        return NO_ANSWER;
                    }
                    return { ...ANSWER, thread: { ...ANSWER.thread, id: threadId } };
                },
            }), true);
            await it.codex.thread.resume({ threadId: "t" });
            await it.cut();
            await it.reconnected();
            expect(it.dialler.servers.length).toBe(3);
            expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "reconnected"]);
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
    test("a hold goes on on the new connection", async () => {
        const env_11 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_11, await reachable(), true);
            const heard = vi.fn();
            it.codex.on("skills/changed", heard);
            const hold = it.codex.hold();
            await it.cut();
            await it.reconnected();
            it.dialler.last.notify("skills/changed", {});
            await settle();
            expect(heard).not.toHaveBeenCalled();
            hold[Symbol.dispose]();
            await until(() => heard.mock.calls.length === 1);
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
    test("the client can be closed while there is no connection", async () => {
        const env_12 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_12, await reachable(), true);
            it.dialler.refusal = "connect ECONNREFUSED";
            await it.cut();
            const waiting = it.codex.thread.start({});
            const failed = expect(waiting).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
            await it.codex.close();
            await failed;
            expect(it.codex.state).toBe("closed");
            expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "closed"]);
            const { attempts } = it.dialler;
            await it.clock.advance(60000);
            expect(it.dialler.attempts).toBe(attempts);
            expect(it.clock.pendingTimers).toBe(0);
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
test("without recovery a lost connection is the end", async () => {
    const env_13 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_13, await reachable({}, { recovery: false }), true);
        await it.cut();
        expect(it.codex.state).toBe("failed");
        expect(it.events).toMatchObject([{ kind: "lost", willReconnect: false }, { kind: "closed" }]);
    }
    catch (e_13) {
        env_13.error = e_13;
        env_13.hasError = true;
    }
    finally {
        const result_13 = __disposeResources(env_13);
        if (result_13)
            await result_13;
    }
});
test("closing twice is closing once, and everything after it says so", async () => {
    const env_14 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_14, await reachable(), true);
        await Promise.all([it.codex.close(), it.codex.close()]);
        await it.codex.close();
        expect(it.events).toEqual([{ kind: "closed", reason: "close() was called", initiator: "local" }]);
        await expect(it.codex.thread.start({})).rejects.toMatchObject({
            code: "closed",
            delivery: "not-sent",
            message: expect.stringContaining("close() was called"),
        });
    }
    catch (e_14) {
        env_14.error = e_14;
        env_14.hasError = true;
    }
    finally {
        const result_14 = __disposeResources(env_14);
        if (result_14)
            await result_14;
    }
});
const ANSWER = threadAnswer("t");
const APPROVAL = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
