// Names of the host, as data.
import { type Call, call, quote } from "./call.ts";

/** sethostname(2): at most 64 bytes. */
export const sethostname = (name: string): Call => named("sethostname", name);

/** setdomainname(2): the NIS domain name, at most 64 bytes. Nothing to do with DNS. */
export const setdomainname = (name: string): Call => named("setdomainname", name);

function named(syscall: string, name: string): Call {
  const length = Buffer.byteLength(name);
  return call(syscall, [name, length], [quote(name), String(length)], name);
}
