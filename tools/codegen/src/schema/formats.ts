/** The formats of whole numbers, with the bounds that each implies. */
export const WHOLE_FORMATS: Readonly<Record<string, readonly [minimum: number, maximum?: number]>> = {
  uint8: [0, 0xff],
  uint16: [0, 0xffff],
  uint32: [0, 0xffff_ffff],
  uint64: [0],
  uint: [0],
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  int64: [-(2 ** 63)],
};

/** The formats of other numbers. They say how precise a sender is, and bound nothing. */
export const NUMBER_FORMATS: ReadonlySet<string> = new Set(["float", "double"]);

/** The formats of text. `path-uri` is checked by the package that owns it. */
export const TEXT_FORMATS: ReadonlySet<string> = new Set(["uuid", "path-uri"]);
