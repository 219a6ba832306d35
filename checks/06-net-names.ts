// Step 6: names. A box in a network of its own needs files of its own that tell whom to ask.
import { writeFileSync } from "node:fs";
import { check, lives } from "./check.ts";
import { addressOf } from "./net.ts";

const servers = (resolvConf: string) =>
  [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address!);

export const checks = [
  check({
    since: 6,
    title: "--dns: the name servers in /etc/resolv.conf are those asked for",
    run: ["cat", "/etc/resolv.conf"],
    options: ["--dns", "9.9.9.9", "--dns", "1.1.1.1"],
    needs: ["bridge"],
    holds: ({ stdout }) => servers(stdout).join() === "9.9.9.9,1.1.1.1",
    hint: ({ stdout, stderr }) =>
      `Name servers in the box: ${servers(stdout).join(", ") || "none"} ${stderr.trim()}. resolv.conf(5) is a file of the box's root: whose, if not the image's?`,
  }),

  check({
    since: 6,
    title: "without --dns there is a name server that a box can reach",
    run: ["cat", "/etc/resolv.conf"],
    needs: ["bridge"],
    holds: ({ stdout }) => servers(stdout).some((address) => !/^(127\.|::1)/.test(address)),
    hint: ({ stdout }) =>
      `Name servers in the box: ${servers(stdout).join(", ") || "none"}. One that listens on the host's 127.0.0.53 is not there in the box, whose 127.0.0.0/8 is the box itself.`,
  }),

  check({
    since: 6,
    title: "the box finds localhost and its own name in /etc/hosts",
    run: lives("cat /etc/hosts"),
    options: ["--hostname", "box-six"],
    needs: ["bridge"],
    during: ({ box }) => addressOf(box),
    holds: ({ stdout, during }) =>
      has(stdout, "127.0.0.1", "localhost") && during !== undefined && has(stdout, during, "box-six"),
    hint: ({ stdout, during }) =>
      `Expected localhost for 127.0.0.1 and box-six for ${during}; /etc/hosts says:\n${stdout}The address is known late: is the file still in reach then?`,
  }),

  check({
    since: 6,
    title: "what the box writes to these files does not reach the image",
    run: [
      "sh",
      "-c",
      "echo 192.0.2.1 spoiled >> /etc/hosts; echo spoiled >> /etc/resolv.conf; tail -n 1 /etc/hosts",
    ],
    needs: ["bridge"],
    before: ({ root }) => {
      for (const name of ["hosts", "resolv.conf"]) writeFileSync(`${root}/etc/${name}`, "from the image\n");
    },
    after: ({ host, root }) => host.run("sh", "-c", `cat ${root}/etc/hosts ${root}/etc/resolv.conf`),
    holds: ({ stdout, after }) => stdout.includes("spoiled") && after === "from the image\nfrom the image",
    hint: ({ after, stdout }) =>
      stdout.includes("spoiled")
        ? `In the image the two files are now:\n${after}\nThe next box with this root, at another address, reads them. A file can be mounted on a file.`
        : "The box could not write to its own /etc/hosts.",
  }),
];

const has = (hosts: string, address: string, name: string) =>
  hosts.split("\n").some((line) => line.split(/\s+/)[0] === address && line.split(/\s+/).includes(name));
