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
import { NO_ANSWER } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { RpcFault } from "../src/index.ts";
import { connected } from "./support/connected.ts";
const APPROVAL = {
    threadId: "t",
    turnId: "u",
    itemId: "i",
    startedAtMs: 1,
    command: "rm -rf build",
    cwd: "/srv/repo",
};
async function asked({ server }, method, params, id = 0) {
    const before = server.answers.length;
    server.send({ id, method, params });
    await until(() => server.answers.length > before);
    return server.answers.at(-1);
}
describe("what a server asks", () => {
    test("is answered by the handler of its name, under the very same id", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const handlers = {
                "item/commandExecution/requestApproval": ({ command }) => ({
                    decision: command === "rm -rf build" ? "accept" : "decline",
                }),
            };
            const it = __addDisposableResource(env_1, await connected({}, { handlers }), true);
            for (const id of [0, -5, "a", "", 7]) {
                expect(await asked(it, "item/commandExecution/requestApproval", APPROVAL, id)).toEqual({
                    id,
                    result: { decision: "accept" },
                });
            }
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
    test("under an id that a double can not hold is answered under that id, digit for digit", async () => {
        const env_2 = { stack: [], error: void 0, hasError: false };
        try {
            const sent = [];
            const it = __addDisposableResource(env_2, await connected(), true);
            const { server } = it;
            // Answers are parsed by the script, which would round it.
            const parse = JSON.parse;
            vi.spyOn(JSON, "parse").mockImplementation((text) => {
                if (text.startsWith('{"id":9007199254740993'))
                    sent.push(text);
                return parse(text);
            });
            try {
                server.sendText(`{"id":9007199254740993,"method":"item/commandExecution/requestApproval","params":${JSON.stringify(APPROVAL)}}`);
                await until(() => sent.some((text) => text.includes('"result"')));
            }
            finally {
                vi.restoreAllMocks();
            }
            expect(sent.at(-1)).toBe('{"id":9007199254740993,"result":{"decision":"decline"}}');
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
        ["item/commandExecution/requestApproval", APPROVAL, { decision: "decline" }],
        [
            "item/fileChange/requestApproval",
            { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 },
            { decision: "decline" },
        ],
        [
            "mcpServer/elicitation/request",
            { threadId: "t", serverName: "s", mode: "url", message: "m", url: "https://x.example", elicitationId: "e" },
            { action: "decline" },
        ],
    ])("without a handler nothing is allowed: %s", async (method, params, result) => {
        const env_3 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_3, await connected(), true);
            expect(await asked(it, method, params)).toEqual({ id: 0, result });
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
    test.each(["item/tool/requestUserInput", "item/tool/call", "attestation/generate", "thread/dreamt"])("without a handler is refused by its name: %s", async (method) => {
        const env_4 = { stack: [], error: void 0, hasError: false };
        try {
            const it = __addDisposableResource(env_4, await connected(), true);
            expect(await asked(it, method, {})).toEqual({
                id: 0,
                error: { code: -32601, message: expect.stringContaining(`\`${method}\``) },
            });
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
    test.each([undefined, null, 5, [], {}, { ...APPROVAL, threadId: 5 }])("with params that are none (%j) is refused, and no handler runs", async (params) => {
        const env_5 = { stack: [], error: void 0, hasError: false };
        try {
            const handler = vi.fn();
            const it = __addDisposableResource(env_5, await connected({}, { handlers: { "item/commandExecution/requestApproval": handler } }), true);
            expect(await asked(it, "item/commandExecution/requestApproval", params)).toMatchObject({
                id: 0,
                error: { code: -32602 },
            });
            expect(handler).not.toHaveBeenCalled();
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
    test("is answered with the refusal that a handler throws, and with no more than that it failed for anything else", async () => {
        const env_6 = { stack: [], error: void 0, hasError: false };
        try {
            const onError = vi.fn();
            const bug = new Error("a bug with a secret");
            let thrown = new RpcFault(-32000, "not now", { data: { retry: true } });
            const handlers = {
                "item/fileChange/requestApproval": async () => {
                    throw thrown;
                },
            };
            const it = __addDisposableResource(env_6, await connected({}, { handlers, onError }), true);
            const params = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
            expect(await asked(it, "item/fileChange/requestApproval", params)).toEqual({
                id: 0,
                error: { code: -32000, message: "not now", data: { retry: true } },
            });
            thrown = bug;
            expect(await asked(it, "item/fileChange/requestApproval", params)).toEqual({
                id: 0,
                error: { code: -32603, message: "the client failed to answer item/fileChange/requestApproval" },
            });
            expect(onError.mock.calls).toEqual([[bug, "item/fileChange/requestApproval"]]);
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
    test("can be withdrawn: the handler's signal says so, and nobody else is told", async () => {
        const env_7 = { stack: [], error: void 0, hasError: false };
        try {
            const onError = vi.fn();
            const signals = [];
            const handlers = {
                "item/commandExecution/requestApproval": (_, { signal, requestId }) => new Promise((_resolve, reject) => {
                    signals.push(signal);
                    expect(requestId).toBe(signals.length + 10);
                    signal.addEventListener("abort", () => reject(signal.reason));
                }),
            };
            const it = __addDisposableResource(env_7, await connected({}, { handlers, onError }), true);
            it.server.send({ id: 11, method: "item/commandExecution/requestApproval", params: APPROVAL });
            it.server.send({ id: 12, method: "item/commandExecution/requestApproval", params: APPROVAL });
            await until(() => signals.length === 2);
            it.server.notify("serverRequest/resolved", { threadId: "t", requestId: 11 });
            await until(() => signals[0]?.aborted === true);
            expect(signals[1]?.aborted).toBe(false);
            it.server.hangUp();
            await until(() => signals[1]?.aborted === true);
            expect(onError).not.toHaveBeenCalled();
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
});
test("a call of ours that is not answered holds up no request of the server", async () => {
    const env_8 = { stack: [], error: void 0, hasError: false };
    try {
        const it = __addDisposableResource(env_8, await connected({ "turn/start": () => NO_ANSWER }), true);
        it.codex.turn.start({ threadId: "t", input: [] }).catch(() => { });
        expect(await asked(it, "item/commandExecution/requestApproval", APPROVAL)).toMatchObject({ id: 0 });
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
