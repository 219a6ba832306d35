// What step 2 adds: names of its own for the box.
import { randomBytes } from "node:crypto";
import { text } from "../../lib/cli.ts";
import { type Recipe, setdomainname, sethostname } from "../../native/index.ts";

const LONGEST = 64; // __NEW_UTS_LEN

const name = (given: string) =>
  /^[^\s\0-\x1f]+$/.test(given) && Buffer.byteLength(given) <= LONGEST
    ? undefined
    : `expected 1 to ${LONGEST} bytes without blanks, got '${given}'`;

export const utsOptions = {
  hostname: text(
    "NAME",
    "host name of the box (default: 12 random hex digits)",
    () => randomBytes(6).toString("hex"),
    name,
  ),
  domainname: text("NAME", "NIS domain name of the box", () => "(none)", name),
};

// #region names
/** Recipe: the host and domain name that uname(2) tells. Everyone in the uts namespace sees the change. */
export const ownNames = ({ hostname, domainname }: { hostname: string; domainname: string }): Recipe => [
  sethostname(hostname),
  setdomainname(domainname),
];
// #endregion
