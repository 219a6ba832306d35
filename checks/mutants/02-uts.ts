import { type Mutant, mutant } from "./mutant.ts";

const MAIN = "02-uts/main.ts";
const MODULE = "02-uts/uts.ts";

export const mutants: Mutant[] = [
  mutant(
    "the name is set without the flag",
    [MAIN, "clone(CLONE_NEWUTS | CLONE_NEWIPC,", "clone(CLONE_NEWIPC,"],
    "leaves the host's alone",
    /sethostname\(2\) names the uts namespace of whoever calls it/,
  ),
  mutant(
    "no flag for uts",
    [MAIN, "clone(CLONE_NEWUTS | CLONE_NEWIPC,", "clone(CLONE_NEWIPC,"],
    "a uts namespace of its own",
    /both in uts:.*Which flag/,
  ),
  mutant(
    "no flag for ipc",
    [MAIN, "clone(CLONE_NEWUTS | CLONE_NEWIPC,", "clone(CLONE_NEWUTS,"],
    "message queue of the host's is not seen",
    /does not hide the host's queues/,
  ),
  mutant(
    "the name is never set",
    [MAIN, "...ownNames(options),", ""],
    "--hostname sets",
    /the host's: a new uts namespace starts as a copy/,
  ),
  mutant(
    "the NIS domain name is forgotten",
    [MODULE, "  setdomainname(domainname),\n", ""],
    "--domainname sets",
    /holds two names/,
  ),
  mutant(
    "all boxes have the same name",
    [MODULE, 'randomBytes(6).toString("hex")', '"box"'],
    "without --hostname the name is an id",
    /It is "box"/,
  ),
  mutant(
    "blanks are let through",
    [MODULE, "[^\\s\\0-\\x1f]+", "[^\\0-\\x1f]+"],
    "a host name with a blank",
    /A host name with a blank/,
  ),
  mutant(
    "one byte too few",
    [MODULE, "<= LONGEST", "< LONGEST"],
    "a host name of 64 bytes",
    /64 bytes are allowed/,
  ),
];
