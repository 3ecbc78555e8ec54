/** What the kernel shows to a filter. */
export interface SeccompData {
  readonly number: number;
  readonly arch: number;
  readonly arguments?: readonly bigint[];
}

/** Runs a classic BPF program as the kernel does, over fabricated data; throws for anything that its verifier would refuse. */
export function runBpf(program: Uint8Array, data: SeccompData): number {
  if (program.byteLength === 0 || program.byteLength % 8 !== 0) throw new Error("not a whole number of instructions");
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const memory = encode(data);
  let accumulator = 0;
  for (let counter = 0; counter * 8 < program.byteLength; counter += 1) {
    const at = counter * 8;
    const operand = view.getUint32(at + 4, true);
    const branch = (taken: boolean) => {
      counter += view.getUint8(at + (taken ? 2 : 3));
    };
    switch (view.getUint16(at, true)) {
      case 0x20:
        if (operand % 4 !== 0 || operand > 60) throw new Error(`load outside the data: ${operand}`);
        accumulator = memory.getUint32(operand, true);
        break;
      case 0x54:
        accumulator = (accumulator & operand) >>> 0;
        break;
      case 0x15:
        branch(accumulator === operand);
        break;
      case 0x35:
        branch(accumulator >= operand);
        break;
      case 0x06:
        return operand;
      default:
        throw new Error(`unknown instruction at ${counter}`);
    }
  }
  throw new Error("the program ran off its end");
}

function encode(data: SeccompData): DataView {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, data.number, true);
  view.setUint32(4, data.arch, true);
  (data.arguments ?? []).forEach((value, index) => {
    view.setBigUint64(16 + 8 * index, BigInt.asUintN(64, value), true);
  });
  return view;
}
