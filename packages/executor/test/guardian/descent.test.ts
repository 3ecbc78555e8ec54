import { describe, expect, test } from "vitest";
import { Descent, type DescentGuardian } from "../../src/guardian/descent.ts";

function setUp() {
  const orders: ((serial: number) => boolean)[] = [];
  const ended: (() => void)[] = [];
  const end = (isDoomed: (serial: number) => boolean) => {
    orders.push(isDoomed);
    return new Promise<void>((resolve) => ended.push(resolve));
  };
  const guardian: DescentGuardian = { end, look: async () => undefined, askToEnd: () => {} };
  return { orders, ended, guardian };
}

describe("the numbers of starts", () => {
  test("are nobody else's while their session lives, and never the one that means none", () => {
    const { guardian } = setUp();
    const sessions = Array.from({ length: 3 }, () => new Descent(guardian));
    const serials = Array.from({ length: 2_500 }, () => sessions.map((session) => session.newSerial())).flat();
    expect(new Set(serials).size).toBe(7_500);
    expect(serials.every((serial) => serial > 0 && serial < 1_000_000_000)).toBe(true);
  });

  test("tell one start from all others", () => {
    const { orders, guardian } = setUp();
    const session = new Descent(guardian);
    const [first, second] = [session.newSerial(), session.newSerial()];
    void session.endStart(first);
    expect([orders[0]?.(first), orders[0]?.(second)]).toEqual([true, false]);
  });

  test("tell all starts of a session from those of others, however many there were", () => {
    const { orders, guardian } = setUp();
    const [session, other] = [new Descent(guardian), new Descent(guardian)];
    const own = Array.from({ length: 2_100 }, () => session.newSerial());
    const foreign = Array.from({ length: 2_100 }, () => other.newSerial());
    session.endAll();
    expect(own.every((serial) => orders[0]?.(serial))).toBe(true);
    expect(foreign.some((serial) => orders[0]?.(serial))).toBe(false);
  });

  test("cost no look at all for a session that started nothing", () => {
    const { orders, guardian } = setUp();
    new Descent(guardian).endAll();
    expect(orders).toEqual([]);
  });
});
