// A filter for system calls, as data: seccomp(2). Each call of the process runs through it, for good.
import { type Call, call } from "./call.ts";

const SECCOMP_SET_MODE_FILTER = 1;

/** ioctl's number, on every architecture whose programs the kernels for x86-64 and arm64 run: linux/audit.h. */
const ioctls: [arch: number, number: number][] = [
  [0xc000003e, 16], // x86-64
  [0xc000003e, 0x40000000 + 514], // x32
  [0x40000003, 54], // i386
  [0xc00000b7, 29], // arm64
  [0x40000028, 54], // arm
];

/** seccomp(2): from here on ioctl(2) with one of `requests` is EPERM. Takes CAP_SYS_ADMIN, or no_new_privs. */
export function refuseIoctls(requests: number[]): Call {
  const filter = Buffer.concat([
    ...ioctls.flatMap(([arch, number]) => refuse(arch, number, requests)),
    allow,
  ]);
  const length = filter.length / 8;
  return call(
    "seccomp",
    [SECCOMP_SET_MODE_FILTER, 0, filter, length],
    ["SECCOMP_SET_MODE_FILTER", "0", `{len=${length}, filter=…}`],
  );
}

// --- classic BPF: eight bytes an instruction; the offsets are those of struct seccomp_data ---

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
const NUMBER = 0;
const ARCHITECTURE = 4;
const SECOND_ARGUMENT = 24; // its lower half, which is all that ioctl looks at

const allow = instruction(0x06, 0, 0, 0x7fff0000);
const deny = instruction(0x06, 0, 0, 0x00050001); // EPERM

const refuse = (arch: number, number: number, requests: number[]): Buffer[] => {
  const tests = [load(SECOND_ARGUMENT), ...requests.flatMap((request) => [unless(request, 1), deny])];
  return [
    load(ARCHITECTURE),
    unless(arch, tests.length + 2),
    load(NUMBER),
    unless(number, tests.length),
    ...tests,
  ];
};
