// Programs for the kernel, as data. The one we need answers a question: may this process use that device?
import { type Call, call, quote } from "./call.ts";

/** Who may do what: `access` of r(ead), w(rite) and m(ake a node for); "*" stands for every number. */
export type DeviceRule = { type: "b" | "c"; major: number | "*"; minor: number | "*"; access: string };

const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;

/** bpf(2), BPF_PROG_LOAD: the kernel proves that `program` ends and is harmless; a descriptor of it. */
export function loadDeviceProgram(program: Uint8Array): Call {
  const count = program.length / 8;
  const attr = new Uint8Array(new Uint32Array([BPF_PROG_TYPE_CGROUP_DEVICE, count, 0, 0, 0, 0]).buffer);
  const text = `{prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=${count}, insns=…, license=${quote("MIT")}}`;
  return call("bpf", [BPF_PROG_LOAD, attr, attr.length, program, "MIT"], ["BPF_PROG_LOAD", text, "24"]);
}

/** bpf(2), BPF_PROG_ATTACH: asks `program` for every process in `cgroup`, as long as that exists. */
export function attachDeviceProgram(cgroup: number, program: number): Call {
  const attr = new Uint8Array(
    new Uint32Array([cgroup, program, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI]).buffer,
  );
  const text = `{target_fd=${cgroup}, attach_bpf_fd=${program}, attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI}`;
  return call(
    "bpf",
    [BPF_PROG_ATTACH, attr, attr.length, new Uint8Array(0), ""],
    ["BPF_PROG_ATTACH", text, "16"],
  );
}

// --- the program: instructions of eight bytes, opcode, registers, jump and constant: bpf(2), linux/bpf.h ---

const instruction = (opcode: number, to: number, from: number, jump: number, constant: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(opcode, 0);
  bytes.writeUInt8(to | (from << 4), 1);
  bytes.writeInt16LE(jump, 2);
  bytes.writeInt32LE(constant, 4);
  return bytes;
};
const load = (to: number, offset: number) => instruction(0x61, to, 1, offset, 0);
const copy = (to: number, from: number) => instruction(0xbf, to, from, 0, 0);
const and = (to: number, constant: number) => instruction(0x57, to, 0, 0, constant);
const shiftRight = (to: number, constant: number) => instruction(0x77, to, 0, 0, constant);
const jumpUnless = (register: number, constant: number, over: number) =>
  instruction(0x55, register, 0, over, constant);
const answer = (constant: number) => [instruction(0xb7, 0, 0, 0, constant), instruction(0x95, 0, 0, 0, 0)];

const [TYPE, ACCESS, MAJOR, MINOR, REST] = [2, 3, 4, 5, 6];
const types = { b: 1, c: 2 };
const accesses: Record<string, number> = { m: 1, r: 2, w: 4 };

/** The question is struct bpf_cgroup_dev_ctx, which register 1 points to; the answer 1 is yes. */
export const deviceProgram = (rules: DeviceRule[]): Uint8Array =>
  Buffer.concat([
    load(TYPE, 0), // the access is in the upper half
    copy(ACCESS, TYPE),
    and(TYPE, 0xffff),
    shiftRight(ACCESS, 16),
    load(MAJOR, 4),
    load(MINOR, 8),
    ...rules.flatMap(allow),
    ...answer(0),
  ]);

/** Yes, if the device is the rule's and nothing is wanted that the rule does not give; else on to the next rule. */
function allow({ type, major, minor, access }: DeviceRule): Buffer[] {
  const given = [...access].reduce((mask, letter) => mask | accesses[letter]!, 0);
  const numbers = [
    [TYPE, types[type]],
    [MAJOR, major],
    [MINOR, minor],
  ].filter((pair): pair is [number, number] => pair[1] !== "*");
  const length = numbers.length + 5;
  return [
    ...numbers.map(([register, number], i) => jumpUnless(register, number, length - i - 1)),
    copy(REST, ACCESS),
    and(REST, ~given),
    jumpUnless(REST, 0, 2),
    ...answer(1),
  ];
}
