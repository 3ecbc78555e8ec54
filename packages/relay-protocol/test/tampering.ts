/** One way in which a message differs from what was sent. */
export interface Tampered {
  readonly how: string;
  readonly bytes: Uint8Array;
}

/** Every byte at one of the places changed, left out, doubled, and swapped with the one behind it where that makes a difference. */
export function* tampered(message: Uint8Array, places: Iterable<number>): Generator<Tampered> {
  for (const at of places) {
    const bit = 1 << (at % 8);
    const flipped = Uint8Array.from(message);
    flipped[at] = message[at]! ^ bit;
    yield { how: `byte ${at} with bit ${bit} flipped`, bytes: flipped };
    yield { how: `byte ${at} dropped`, bytes: joined(message.subarray(0, at), message.subarray(at + 1)) };
    yield { how: `byte ${at} doubled`, bytes: joined(message.subarray(0, at + 1), message.subarray(at)) };
    if (at + 1 < message.length && message[at] !== message[at + 1]) {
      const swapped = Uint8Array.from(message);
      swapped[at] = message[at + 1]!;
      swapped[at + 1] = message[at]!;
      yield { how: `bytes ${at} and ${at + 1} swapped`, bytes: swapped };
    }
  }
  for (let at = 0; at < message.length; at += 1 + (message.length >> 6)) {
    yield { how: `cut at byte ${at}`, bytes: message.slice(0, at) };
  }
  yield { how: "a byte more", bytes: joined(message, Uint8Array.of(0)) };
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export function* upTo(count: number, step = 1): Generator<number> {
  for (let at = 0; at < count; at += step) yield at;
}
