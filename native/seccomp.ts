// A filter for system calls, as data: seccomp(2). Each call of the process runs through it, for good.
import { type Call, call } from "./call.ts";

const SECCOMP_SET_MODE_FILTER = 1;

/** The numbers of a system call on x86-64, i386, arm64 and arm, whose programs our kernels run: linux/audit.h. */
export const callNumbers = {
  ioctl: [16, 54, 29, 54],
  clone: [56, 120, 220, 120],
  unshare: [272, 310, 97, 337],
  clone3: [435, 435, 435, 435],
  add_key: [248, 286, 217, 309],
  request_key: [249, 287, 218, 310],
  keyctl: [250, 288, 219, 311],
} as const;
const architectures = [0xc000003e, 0x40000003, 0xc00000b7, 0x40000028];

/** A call to refuse, with `errno`: always, if argument `argument` is one of `values`, or has one of the bits `flags`. */
export type Refusal = {
  name: keyof typeof callNumbers;
  errno: number;
  argument?: number;
  values?: number[];
  flags?: number;
};

/** seccomp(2): from here on those calls fail. Takes CAP_SYS_ADMIN, or no_new_privs. */
export function refuse(refusals: Refusal[]): Call {
  const blocks = architectures.flatMap((architecture, i) => {
    const tests = [
      ...(i === 0 ? noX32 : []),
      ...refusals.flatMap((each) => test(each, callNumbers[each.name][i]!)),
    ];
    return [load(ARCHITECTURE), unless(architecture, tests.length), ...tests];
  });
  const filter = Buffer.concat([...blocks, answer(ALLOW)]);
  const length = filter.length / 8;
  return call(
    "seccomp",
    [SECCOMP_SET_MODE_FILTER, 0, filter, length],
    ["SECCOMP_SET_MODE_FILTER", "0", `{len=${length}, filter=…}`],
  );
}

// --- classic BPF: eight bytes an instruction; the offsets are those of struct seccomp_data ---

const NUMBER = 0;
const ARCHITECTURE = 4;
const ARGUMENTS = 16; // eight bytes each, of which the lower half matters here
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const EPERM = 1;

const instruction = (code: number, onTrue: number, onFalse: number, k: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(onTrue, 2);
  bytes.writeUInt8(onFalse, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
};
const load = (offset: number) => instruction(0x20, 0, 0, offset);
const unless = (value: number, skip: number) => instruction(0x15, 0, skip, value);
const unlessBit = (bits: number, skip: number) => instruction(0x45, 0, skip, bits);
const answer = (action: number) => instruction(0x06, 0, 0, action);

/** x32: programs nobody has, whose calls are numbered anew. */
const noX32 = [load(NUMBER), unlessBit(0x40000000, 1), answer(ERRNO | EPERM)];

function test({ errno, argument = 0, values = [], flags }: Refusal, number: number): Buffer[] {
  const no = answer(ERRNO | errno);
  const tests = [
    ...values.flatMap((value) => [unless(value, 1), no]),
    ...(flags === undefined ? [] : [unlessBit(flags, 1), no]),
  ];
  const inner = tests.length > 0 ? [load(ARGUMENTS + 8 * argument), ...tests] : [no];
  return [load(NUMBER), unless(number, inner.length), ...inner];
}
