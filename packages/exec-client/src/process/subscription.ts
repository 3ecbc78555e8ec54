import { streamFinalizer } from "../stream-finalizer.ts";

/** What is read by one subscriber. */
interface Cursor {
  /** Let go of it. A pending read ends. */
  close(): void;
}

/** What one subscriber reads, from its first `next` on. */
export class Subscription<Source extends Cursor> {
  #cursor: Source | undefined;
  #isLeft = false;

  /** Whether its reader wants no more, and will see nothing of what is still given. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  begin(cursor: Source): Source {
    this.#cursor = cursor;
    return cursor;
  }

  leave(): void {
    this.#isLeft = true;
    this.#cursor?.close();
  }
}

/**
 * The items of one subscriber, made by a generator. Dropped half-way they hold nothing any longer; and `return` is answered
 * while a `next` waits, which a generator alone would put off until something happens.
 */
export function subscribed<Item, Source extends Cursor>(
  generate: (subscription: Subscription<Source>) => AsyncGenerator<Item, void, void>,
): AsyncGenerator<Item, void, void> {
  const subscription = new Subscription<Source>();
  const items = generate(subscription);
  const end = items.return;
  streamFinalizer.register(items, () => subscription.leave());
  return Object.assign(items, {
    return(this: typeof items, value: void | PromiseLike<void>) {
      subscription.leave();
      return end.call(this, value);
    },
  });
}
