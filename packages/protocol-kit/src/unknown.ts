declare const unknownWord: unique symbol;

/**
 * A word that a type does not list: a newer peer has sent it. It is any text. For the compiler it is a literal of its own, so that the
 * listed words still tell the members of a union apart, a `default` branch gets this one, and nobody sends one by accident. To compare it
 * with a word, widen it: `const word: string = item.type`.
 */
export type UnknownWord = "(unknown)" & { readonly [unknownWord]: true };

/**
 * An object of a kind that a union does not list: a newer peer has sent it, and it is there as it came.
 *
 * @typeParam Tag - The member that names the kind.
 */
export type UnknownKind<Tag extends string> = { readonly [Name in Tag]: UnknownWord };

/** An object whose one member is none of those that a union lists: a newer peer has sent it, and it is there as it came. */
export type UnknownVariant = { readonly [unknownWord]: true };
