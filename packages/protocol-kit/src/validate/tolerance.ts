let isTolerant = false;

/**
 * Read something from a peer that may be newer: words, kinds and members that a validator does not know pass as they are, while what it
 * does know still has to fit. Validators are synchronous, so that this holds for `read` and nothing else.
 */
export function tolerating<T>(read: () => T): T {
  return within(true, read);
}

/** Read strictly, whatever holds around it. */
export function strictly<T>(read: () => T): T {
  return within(false, read);
}

/** Whether what is read now may have words that its validator does not know. */
export function toleratesUnknown(): boolean {
  return isTolerant;
}

function within<T>(tolerant: boolean, read: () => T): T {
  const before = isTolerant;
  isTolerant = tolerant;
  try {
    return read();
  } finally {
    isTolerant = before;
  }
}
